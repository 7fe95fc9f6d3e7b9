package io.github.flinkrnn.layer;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * A residual connection around some layers (He et al. 2016): y = x + f(x), where f is the layers,
 * each taking the output of the one before. The state is the concatenated states of the layers.
 */
@Internal
public final class Residual implements Layer {
  private final List<Layer> layers;
  private final int stateSize;

  /**
   * @param layers at least one; the last output has the length of the first input
   */
  public Residual(List<Layer> layers) {
    this.layers = List.copyOf(layers);
    this.stateSize = layers.stream().mapToInt(Layer::stateSize).sum();
  }

  @Override
  public List<Layer> inner() {
    return layers;
  }

  @Override
  public String type() {
    return layers.stream().map(Layer::type).collect(Collectors.joining(", ", "residual (", ")"));
  }

  @Override
  public int inputSize() {
    return layers.get(0).inputSize();
  }

  @Override
  public int stateSize() {
    return stateSize;
  }

  @Override
  public boolean keepsOutput() {
    return false;
  }

  @Override
  public long multiplyAdds() {
    return layers.stream().mapToLong(Layer::multiplyAdds).sum();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("residual").add(layers.size());
    layers.forEach(layer -> layer.addTo(fingerprint));
  }

  @Override
  public Stepper stepper() {
    return new ResidualStepper();
  }

  private final class ResidualStepper implements Stepper {
    private final Stepper[] steppers = layers.stream().map(Layer::stepper).toArray(Stepper[]::new);
    private final float[][] outputs = new float[layers.size()][]; // null if kept in the state

    ResidualStepper() {
      for (int l = 0; l < outputs.length; l++) {
        Layer layer = layers.get(l);
        outputs[l] = layer.keepsOutput() ? null : new float[layer.outputSize()];
      }
    }

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      float[] in = x;
      int inAt = xAt;
      int stateAt = at;
      for (int l = 0; l < steppers.length; l++) {
        float[] out = outputs[l] == null ? next : outputs[l];
        int outAt = outputs[l] == null ? stateAt : 0;
        steppers[l].step(in, inAt, previous, next, stateAt, out, outAt);
        stateAt += layers.get(l).stateSize();
        in = out;
        inAt = outAt;
      }
      for (int i = 0; i < inputSize(); i++) {
        y[yAt + i] = x[xAt + i] + in[inAt + i];
      }
    }
  }
}
