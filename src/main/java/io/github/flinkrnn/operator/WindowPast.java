package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.StepPlan;

/**
 * Keeps the last n tokens of a sequence. Each prediction costs n steps, from a&lt;0&gt; through all
 * of them, as for a model that was trained only on windows. A word is kept as its id, which a float
 * represents exactly.
 */
final class WindowPast implements Past {
  private static final int MOST_WORDS = 1 << 24; // above this, floats skip integers
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final RnnModel model;
  private final int window;
  private final TokenReader reader;
  private final float[] memory; // what the next token needs of the last one
  private final boolean ofWords;
  private final int width; // floats per token
  private final RnnStepper stepper;
  private final float[] initial;
  private final float[] features;
  private float[] even;
  private float[] odd;
  private float[] ran; // the window that was computed last

  WindowPast(RnnModel model, int window, TokenReader reader) {
    this.model = model;
    this.reader = reader;
    memory = new float[reader.memorySize()];
    this.window = window;
    ofWords = model.input() instanceof ModelInput.Words;
    if (model.input() instanceof ModelInput.Words words && words.vocabulary().size() > MOST_WORDS) {
      throw new OptionException(
          "sequence.window", "expected a model of at most " + MOST_WORDS + " words");
    }
    width = ofWords ? 1 : model.input().size();
    stepper = model.stepper();
    initial = model.initialState();
    features = new float[ofWords ? 0 : width];
    even = new float[initial.length];
    odd = new float[initial.length];
  }

  /** Differs from that of a carried state and of any other window. */
  @Override
  public long fingerprint() {
    return model.fingerprint() ^ (window * GOLDEN);
  }

  @Override
  public boolean fits(int floats) {
    return floats > 0 && floats % width == 0 && floats <= window * width;
  }

  @Override
  public int room() {
    return 0;
  }

  @Override
  public TokenReader.Refusal complete(StepPlan plan) {
    float[] kept = plan.previous();
    if (kept == null) {
      return reader.complete(null, 0, plan.previousTime());
    }
    reader.remember(kept, kept.length - width, memory, 0);
    return reader.complete(memory, 0, plan.previousTime());
  }

  @Override
  public float[] step(int word, float[] x, float[] kept, float[] room) {
    ran = null; // the kept array may be changed in place after this
    int before = kept == null ? 0 : kept.length;
    int from = before == window * width ? width : 0; // a full window drops its first token
    float[] next = new float[before - from + width];
    if (kept != null) {
      System.arraycopy(kept, from, next, 0, before - from);
    }
    if (ofWords) {
      next[before - from] = word;
    } else {
      System.arraycopy(x, 0, next, before - from, width);
    }
    return next;
  }

  /** Computes the steps of a window from a&lt;0&gt;. The result is in {@code even}. */
  private void run(float[] kept) {
    if (kept == ran) {
      return;
    }
    ran = null;
    System.arraycopy(initial, 0, even, 0, initial.length);
    for (int at = 0; at < kept.length; at += width) {
      if (ofWords) {
        stepper.step((int) kept[at], even, odd);
      } else {
        System.arraycopy(kept, at, features, 0, width);
        stepper.stepRead(features, even, odd);
      }
      float[] left = odd;
      odd = even;
      even = left;
    }
    ran = kept;
  }

  @Override
  public void logits(float[] kept, float[][] logits) {
    run(kept);
    stepper.logits(even, logits);
  }

  @Override
  public boolean isFinite(float[] kept, boolean used) {
    if (!used && model.hasLogitsOfAnyState()) {
      return true; // the tokens are finite, and a<t> is not used
    }
    // Compute now: if a step graph does not accept the last token, that token must be rejected.
    run(kept);
    return stepper.isFinite(even);
  }

  @Override
  public float[] hidden(float[] kept) {
    run(kept);
    return stepper.hidden(even);
  }

  @Override
  public void close() {
    stepper.close();
  }
}
