package io.github.flinkrnn.network;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;

/**
 * A step with flink-rnn: everything that {@code RnnFunction} computes with the model for a
 * prediction.
 */
public final class OurStep implements Step {
  private final RnnStepper stepper;
  private float[] now;
  private float[] next;

  public OurStep(RnnModel model) {
    stepper = model.stepper();
    now = model.initialState();
    next = new float[now.length];
  }

  @Override
  public float[] step(float[] features) {
    stepper.step(features, now, next);
    float[] before = now;
    now = next;
    next = before;
    return stepper.prediction(stepper.logits(now));
  }

  @Override
  public float[] hidden() {
    return stepper.hidden(now);
  }
}
