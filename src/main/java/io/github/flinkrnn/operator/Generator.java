package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.Scores;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Generates words with the model. It draws a word from y&lt;t&gt; and uses it as x&lt;t+1&gt;,
 * until the stop word or the maximum length. The draw at each step depends only on the seed, the
 * key and t, so a replay after a failure gives the same words. The state of the sequence does not
 * change: the next token continues from the last token of the input.
 */
final class Generator {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final Generation how;
  private final Past past;
  private final ModelSession session;
  private final WordOutputs words;
  private final Vocabulary vocabulary;
  private final float[][] logits; // only of the head whose outputs are words
  private final int slot; // of the word in x<t>; -1 for a model of words
  private final Step.Room even; // consecutive steps use even and odd in turn
  private final Step.Room odd;

  Generator(Generation how, RnnModel model, Past past, ModelSession session) {
    this.how = how;
    this.past = past;
    this.session = session;
    words = WordOutputs.of(model);
    vocabulary =
        model.input() instanceof ModelInput.Fields fields
            ? ((InputField.CategoryField) fields.fields().get(words.field())).vocabulary()
            : ((ModelInput.Words) model.input()).vocabulary();
    slot = words.field() == WordOutputs.NONE ? -1 : FieldEncoder.of(model).slot(words.field());
    logits = new float[model.heads().size()][];
    logits[words.head()] = new float[model.heads().get(words.head()).size()];
    even = session.newRoom(false);
    odd = session.newRoom(false);
  }

  /**
   * Why the model may not generate after a token; null if it may. Each prediction repeats the key
   * of the token, also as the key of its record, and the carried values, so their size is limited
   * to {@link Generation#MAX_REPEATED_BYTES}.
   */
  TokenReader.Refusal refusal(Token prompt) {
    long bytes = 2 * bytes(prompt.key());
    if (prompt.carried() != null) {
      for (String value : prompt.carried()) {
        bytes += value == null ? 0 : bytes(value);
      }
    }
    if (bytes * how.max() <= Generation.MAX_REPEATED_BYTES) {
      return null;
    }
    String detail =
        "generate: expected at most "
            + Generation.MAX_REPEATED_BYTES
            + " bytes of key and carried values in all predictions, found up to "
            + how.max()
            + " times "
            + bytes;
    return new TokenReader.Refusal(Reason.TOO_LARGE, detail);
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Generates and emits predictions after a step. For a model of fields, only the word of its x
   * changes.
   */
  void goOn(Step after, Consumer<Prediction> out) {
    Token prompt = after.plan.token();
    long t = after.plan.t();
    float[] now = after.next;
    float[] next = slot < 0 ? null : after.x.clone();
    for (int i = 1; i <= how.max(); i++) {
      Step step = new Step(i % 2 == 0 ? even : odd);
      step.plan = after.plan;
      past.logits(now, logits);
      int output = draw(prompt.key(), t + i);
      if (next != null) {
        next[slot] = words.wordOf(output);
      }
      String word = words.name(output);
      try {
        now = past.step(words.wordOf(output), next, now, step.room.next());
        step.next = now;
        session.finish(step);
        if (step.refused != null) {
          return; // stop at numbers that are not finite
        }
      } catch (NotAcceptedException refused) {
        return; // stop at a word that the model does not accept
      }
      out.accept(session.generated(prompt, word, t + i, step));
      if (how.until() != null && vocabulary.isSame(word, how.until())) {
        return;
      }
    }
  }

  private int draw(String key, long t) {
    float[] logits = this.logits[words.head()];
    if (how.temperature() == 0) {
      return Scores.largestAt(logits);
    }
    float largest = logits[Scores.largestAt(logits)];
    float[] tempered = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      // Relative to the largest, so that a low temperature can overflow only to -infinity.
      tempered[i] = (float) (((double) logits[i] - largest) / how.temperature());
    }
    float[] probabilities = OutputActivation.SOFTMAX.apply(tempered);
    double left = uniform(how.seed(), key, t);
    for (int i = 0; i < probabilities.length; i++) {
      left -= probabilities[i];
      if (left < 0) {
        return i;
      }
    }
    return Scores.largestAt(probabilities); // rounding left the sum below 1
  }

  /** A pseudorandom number in [0, 1): SplitMix64 of the seed, t and a hash (FNV-1a) of the key. */
  static double uniform(long seed, String key, long t) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * FNV_PRIME;
    }
    long z = mixed(mixed(seed) ^ hash) + t * GOLDEN;
    return (mixed(z) >>> 11) * 0x1.0p-53;
  }

  private static long mixed(long number) {
    long z = number + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
