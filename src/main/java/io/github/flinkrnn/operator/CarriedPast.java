package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.rules.StepPlan;

/**
 * Keeps a&lt;t&gt; of a sequence, and what the next x&lt;t&gt; needs of this one. Each token costs
 * one step.
 */
final class CarriedPast implements Past {
  private final RnnModel model;
  private final RnnStepper stepper;
  private final float[] initial;
  private final TokenReader reader;
  private final boolean ofWords;

  CarriedPast(RnnModel model, TokenReader reader) {
    this.model = model;
    this.reader = reader;
    stepper = model.stepper();
    initial = model.initialState();
    ofWords = model.input() instanceof ModelInput.Words;
  }

  @Override
  public long fingerprint() {
    return model.fingerprint();
  }

  @Override
  public boolean fits(float[] kept) {
    return kept.length == room();
  }

  @Override
  public int room() {
    return initial.length + reader.memorySize();
  }

  @Override
  public TokenReader.Refusal complete(StepPlan plan) {
    return complete(plan.previous(), plan.previousTime());
  }

  /** The same for the values kept before, null at t = 1, and the time of their token. */
  TokenReader.Refusal complete(float[] kept, long previousTime) {
    return reader.complete(kept, initial.length, previousTime);
  }

  @Override
  public float[] step(int word, float[] x, float[] kept, float[] room) {
    float[] previous = kept == null ? initial : kept;
    if (ofWords) {
      stepper.step(word, previous, room);
    } else {
      stepper.stepRead(x, previous, room);
      reader.remember(x, 0, room, initial.length);
    }
    return room;
  }

  @Override
  public void stepEach(int count, Step[] steps) {
    float[][] previous = new float[count][];
    float[][] next = new float[count][];
    float[][] x = ofWords ? null : new float[count][];
    int[] words = ofWords ? new int[count] : null;
    for (int i = 0; i < count; i++) {
      float[] kept = steps[i].plan.previous();
      previous[i] = kept == null ? initial : kept;
      next[i] = steps[i].room.next();
      if (ofWords) {
        words[i] = steps[i].word;
      } else {
        x[i] = steps[i].x;
      }
    }
    if (ofWords) {
      stepper.stepEach(count, words, previous, next);
    } else {
      stepper.stepEachRead(count, x, previous, next);
    }
    for (int i = 0; i < count; i++) {
      if (!ofWords) {
        reader.remember(x[i], 0, next[i], initial.length);
      }
      steps[i].next = next[i];
    }
  }

  @Override
  public void logitsEach(int count, float[][] kept, float[][][] logits) {
    stepper.logitsEach(count, kept, logits);
  }

  @Override
  public void logits(float[] kept, float[][] logits) {
    stepper.logits(kept, logits);
  }

  @Override
  public boolean isFinite(float[] kept, boolean used) {
    return stepper.isFinite(kept);
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
