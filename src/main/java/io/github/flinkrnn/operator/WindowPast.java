package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.StepPlan;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Keeps the last n tokens of a sequence. Each prediction costs n steps, from a&lt;0&gt; through all
 * of them, as for a model that was trained only on windows. A word is kept as its id, which a float
 * represents exactly.
 */
final class WindowPast implements Past {
  private static final int MOST_WORDS = 1 << 24; // above this, floats skip integers
  private static final float[][] NONE = {};
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final RnnModel model;
  private final int window;
  private final TokenReader reader;
  private final float[] memory; // what the next token needs of the last one
  private final boolean ofWords;
  private final int width; // floats per token
  private final RnnStepper stepper;
  private final float[] initial;
  private final Room features; // of one token of each window
  private final Room evens; // consecutive steps use evens and odds in turn
  private final Room odds;
  private float[][] ran = NONE; // the windows that were computed last
  private float[][] ranTo = NONE; // their states

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
    features = new Room(ofWords ? 0 : width);
    evens = new Room(initial.length);
    odds = new Room(initial.length);
  }

  /** Differs from that of a carried state and of any other window. */
  @Override
  public long fingerprint() {
    return model.fingerprint() ^ (window * GOLDEN);
  }

  @Override
  public boolean fits(float[] kept) {
    return kept.length > 0 && kept.length % width == 0 && kept.length <= window * width;
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
    ran = NONE; // the kept array may be changed in place after this
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

  @Override
  public void stepEach(int count, Step[] steps) {
    for (int i = 0; i < count; i++) {
      steps[i].next = step(steps[i].word, steps[i].x, steps[i].plan.previous(), null);
    }
  }

  /** Computes the steps of several windows from a&lt;0&gt;, if they are not the last computed. */
  private void runEach(int count, float[][] kept) {
    // The longer windows first, so that those with a token at a place are the first ones.
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingInt(i -> -kept[i].length));
    float[][] now = evens.of(count);
    float[][] then = odds.of(count);
    float[][] x = features.of(count);
    int[] words = new int[count];
    for (int i = 0; i < count; i++) {
      System.arraycopy(initial, 0, now[i], 0, initial.length);
    }
    float[][] states = new float[count][];
    int active = count;
    for (int at = 0; active > 0; at += width) {
      while (active > 0 && kept[order[active - 1]].length == at) {
        active--;
        states[active] = now[active];
      }
      for (int i = 0; i < active; i++) {
        if (ofWords) {
          words[i] = (int) kept[order[i]][at];
        } else {
          System.arraycopy(kept[order[i]], at, x[i], 0, width);
        }
      }
      if (ofWords) {
        stepper.stepEach(active, words, now, then);
      } else {
        stepper.stepEachRead(active, x, now, then);
      }
      float[][] left = then;
      then = now;
      now = left;
    }
    ran = new float[count][];
    ranTo = states;
    for (int i = 0; i < count; i++) {
      ran[i] = kept[order[i]];
    }
  }

  /** The state after the steps of a window. */
  private float[] state(float[] kept) {
    for (int i = 0; i < ran.length; i++) {
      if (ran[i] == kept) {
        return ranTo[i];
      }
    }
    runOne(kept);
    return ranTo[0];
  }

  private void runOne(float[] kept) {
    float[] now = evens.of(1)[0];
    float[] then = odds.of(1)[0];
    ran = NONE;
    System.arraycopy(initial, 0, now, 0, initial.length);
    for (int at = 0; at < kept.length; at += width) {
      if (ofWords) {
        stepper.step((int) kept[at], now, then);
      } else {
        float[] x = features.of(1)[0];
        System.arraycopy(kept, at, x, 0, width);
        stepper.stepRead(x, now, then);
      }
      float[] left = then;
      then = now;
      now = left;
    }
    ran = new float[][] {kept};
    ranTo = new float[][] {now};
  }

  @Override
  public void logitsEach(int count, float[][] kept, float[][][] logits) {
    runEach(count, kept);
    float[][] states = new float[count][];
    for (int i = 0; i < count; i++) {
      states[i] = state(kept[i]);
    }
    stepper.logitsEach(count, states, logits);
  }

  @Override
  public void logits(float[] kept, float[][] logits) {
    stepper.logits(state(kept), logits);
  }

  @Override
  public boolean isFinite(float[] kept, boolean used) {
    if (!used && model.hasLogitsOfAnyState()) {
      return true; // the tokens are finite, and a<t> is not used
    }
    // Compute now: if a step graph does not accept the last token, that token must be rejected.
    return stepper.isFinite(state(kept));
  }

  @Override
  public float[] hidden(float[] kept) {
    return stepper.hidden(state(kept));
  }

  @Override
  public void close() {
    stepper.close();
  }
}
