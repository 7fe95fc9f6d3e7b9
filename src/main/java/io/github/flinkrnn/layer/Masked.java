package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A layer that skips padding, as a recurrent layer in Keras does after {@code Masking} or an {@code
 * Embedding} with {@code mask_zero}: a token that is padding leaves the state as it is, and its
 * output is that of the token before (zeros at t = 1).
 */
@Internal
public final class Masked implements Layer {
  private final Layer layer;
  private final float[] padding; // null: a flag after the input says what is padding

  private Masked(Layer layer, float[] padding) {
    this.layer = layer.keepsOutput() ? layer : new KeptOutput(layer);
    this.padding = padding;
  }

  /** Tokens whose numbers all have one value are padding. */
  public static Masked byValue(Layer layer, float value) {
    return new Masked(layer, new float[] {value});
  }

  /** x is the input of the layer and one number more: 0, or 1 for padding. */
  public static Masked byFlag(Layer layer) {
    return new Masked(layer, null);
  }

  @Override
  public List<Layer> inner() {
    return layer.described() instanceof LayerGraph graph
        ? graph.inner()
        : List.of(layer.described());
  }

  @Override
  public String type() {
    return "masked " + layer.type();
  }

  @Override
  public int inputSize() {
    return layer.inputSize() + (padding == null ? 1 : 0);
  }

  @Override
  public int outputSize() {
    return layer.outputSize();
  }

  @Override
  public int stateSize() {
    return layer.stateSize();
  }

  @Override
  public int lookBack() {
    return layer.lookBack();
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
    fingerprint.add("masked").add(padding);
    layer.addTo(fingerprint);
  }

  @Override
  public Stepper stepper() {
    Stepper stepper = layer.stepper();
    return new Stepper() {
      @Override
      public void step(
          float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
        if (isPadding(x, xAt)) {
          System.arraycopy(previous, at, next, at, layer.stateSize());
        } else {
          stepper.step(x, xAt, previous, next, at, y, yAt);
        }
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
        float[][] xOfTokens = new float[count][];
        float[][] previousOfTokens = new float[count][];
        float[][] nextOfTokens = new float[count][];
        float[][] yOfTokens = new float[count][];
        int tokens = 0;
        for (int i = 0; i < count; i++) {
          if (isPadding(x[i], xAt)) {
            System.arraycopy(previous[i], at, next[i], at, layer.stateSize());
          } else {
            xOfTokens[tokens] = x[i];
            previousOfTokens[tokens] = previous[i];
            nextOfTokens[tokens] = next[i];
            yOfTokens[tokens++] = y[i];
          }
        }
        stepper.stepEach(
            tokens, xOfTokens, xAt, previousOfTokens, nextOfTokens, at, yOfTokens, yAt);
      }
    };
  }

  private boolean isPadding(float[] x, int at) {
    if (padding == null) {
      return x[at + layer.inputSize()] != 0;
    }
    for (int i = 0; i < layer.inputSize(); i++) {
      if (x[at + i] != padding[0]) {
        return false;
      }
    }
    return true;
  }
}
