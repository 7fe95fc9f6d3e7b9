package io.github.flinkrnn.network;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.util.Arrays;

/** Steps of several sequences together, with all that {@link OurStep} computes for each. */
public final class OurBatch {
  private final RnnStepper stepper;
  private final int sequences;
  private final float[][] logits;
  private float[][] now;
  private float[][] next;

  public OurBatch(RnnModel model, int sequences) {
    stepper = model.stepper();
    this.sequences = sequences;
    now = new float[sequences][model.stateSize()];
    next = new float[sequences][model.stateSize()];
    logits = new float[sequences][model.outputSize()];
    Arrays.setAll(now, i -> model.initialState());
  }

  /**
   * A step of each sequence.
   *
   * @param features x&lt;t&gt; of each
   * @return y&lt;t&gt; of each
   */
  public float[][] step(float[][] features) {
    stepper.stepEachRead(sequences, features, now, next);
    float[][] before = now;
    now = next;
    next = before;
    stepper.logitsEach(sequences, now, new float[][][] {logits});
    return stepper.predictionEach(0, sequences, logits);
  }
}
