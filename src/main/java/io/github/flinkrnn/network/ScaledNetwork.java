package io.github.flinkrnn.network;

import org.apache.flink.annotation.Internal;

/** A network of features that are scaled before each step. */
@Internal
public final class ScaledNetwork implements Network {
  private final Network network;
  private final Scale scale;

  public ScaledNetwork(Network network, Scale scale) {
    this.network = network;
    this.scale = scale;
  }

  @Override
  public int inputSize() {
    return network.inputSize();
  }

  @Override
  public int oneHotSize() {
    return network.oneHotSize();
  }

  @Override
  public int stateSize() {
    return network.stateSize();
  }

  @Override
  public int hiddenAt() {
    return network.hiddenAt();
  }

  @Override
  public int hiddenSize() {
    return network.hiddenSize();
  }

  @Override
  public int outputSize() {
    return network.outputSize();
  }

  @Override
  public float[] initialState() {
    return network.initialState();
  }

  @Override
  public boolean hasLogitsOfAnyState() {
    return network.hasLogitsOfAnyState();
  }

  @Override
  public Description describe() {
    return network.describe();
  }

  @Override
  public Stepper stepper() {
    return new ScaledStepper(network.stepper());
  }

  @Override
  public void close() {
    network.close();
  }

  private final class ScaledStepper implements Stepper {
    private final Stepper stepper;
    private final float[] scaled = new float[inputSize()];

    ScaledStepper(Stepper stepper) {
      this.stepper = stepper;
    }

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = scale.apply(x[i], i);
      }
      stepper.step(scaled, previous, next);
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      stepper.step(word, previous, next);
    }

    @Override
    public void logits(float[] state, float[] logits) {
      stepper.logits(state, logits);
    }

    @Override
    public void close() {
      stepper.close();
    }
  }
}
