package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;

/** Keeps a&lt;t&gt; of a sequence. Each token costs one step. */
final class CarriedPast implements Past {
  private final RnnModel model;
  private final RnnStepper stepper;
  private final float[] initial;
  private final boolean ofWords;
  private final Kernel kernel = Kernel.best();

  CarriedPast(RnnModel model) {
    this.model = model;
    stepper = model.stepper();
    initial = model.initialState();
    ofWords = model.input() instanceof ModelInput.Words;
  }

  @Override
  public long fingerprint() {
    return model.fingerprint();
  }

  @Override
  public boolean fits(int floats) {
    return floats == initial.length;
  }

  @Override
  public int room() {
    return initial.length;
  }

  @Override
  public float[] step(int word, float[] features, float[] kept, float[] room) {
    float[] previous = kept == null ? initial : kept;
    if (ofWords) {
      stepper.step(word, previous, room);
    } else {
      stepper.step(features, previous, room);
    }
    return room;
  }

  @Override
  public void logits(float[] kept, float[] logits) {
    stepper.logits(kept, logits);
  }

  @Override
  public boolean isFinite(float[] kept, boolean used) {
    return kernel.isFinite(kept, 0, kept.length);
  }

  @Override
  public float[] hidden(float[] kept) {
    return stepper.hidden(kept);
  }

  @Override
  public void close() {
    stepper.close();
  }
}
