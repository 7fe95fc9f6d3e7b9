package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A layer with its output in its state, so that the layers above can be computed from the state
 * alone. The state is y&lt;t&gt; followed by the state of the layer.
 */
@Internal
public final class KeptOutput implements Layer {
  private final Layer layer;

  /**
   * @param layer one that does not keep its output
   */
  public KeptOutput(Layer layer) {
    this.layer = layer;
  }

  @Override
  public Layer described() {
    return layer;
  }

  @Override
  public String type() {
    return layer.type();
  }

  @Override
  public int inputSize() {
    return layer.inputSize();
  }

  @Override
  public int outputSize() {
    return layer.outputSize();
  }

  @Override
  public int stateSize() {
    return layer.outputSize() + layer.stateSize();
  }

  @Override
  public List<Affine> products() {
    return layer.products();
  }

  @Override
  public long multiplyAdds() {
    return layer.multiplyAdds();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("kept");
    layer.addTo(fingerprint);
  }

  @Override
  public Stepper stepper() {
    Stepper stepper = layer.stepper();
    return new Stepper() {
      @Override
      public void step(
          float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
        stepper.step(x, xAt, previous, next, at + layer.outputSize(), y, yAt);
      }

      @Override
      public void stepEach(
          int count,
          float[][] x,
          int xAt,
          float[][] previous,
          float[][] next,
          int at,
          float[][] y,
          int yAt) {
        stepper.stepEach(count, x, xAt, previous, next, at + layer.outputSize(), y, yAt);
      }
    };
  }
}
