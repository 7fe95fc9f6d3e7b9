package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.network.Scale;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/** Checks which tokens a model can read. */
@Internal
public final class TokenReader {
  /** Why a token cannot be read. */
  public record Refusal(Reason reason, String detail) {}

  /** The result of {@link #word} for a token without a word, or with an unknown word. */
  public static final int NO_WORD = Vocabulary.NONE;

  private final Vocabulary vocabulary; // null for a model with features
  private final int features;
  private final Scale scale; // null for none
  private final Kernel kernel = Kernel.best();

  /** Creates a reader for a model. */
  public TokenReader(RnnModel model) {
    vocabulary = model.input() instanceof ModelInput.Words words ? words.vocabulary() : null;
    features = model.input().size();
    scale = model.input() instanceof ModelInput.Features given ? given.scale() : null;
  }

  /** The id of the word of a token; {@link #NO_WORD} for a model with features. */
  public int word(Token token) {
    return vocabulary != null && token.token() != null ? vocabulary.id(token.token()) : NO_WORD;
  }

  /** The id of a word; {@link #NO_WORD} if it is not in the vocabulary. */
  int word(String word) {
    return word == null ? NO_WORD : vocabulary.id(word);
  }

  /** Whether both strings are the same word of the vocabulary. */
  boolean isSame(String word, String other) {
    return vocabulary.isSame(word, other);
  }

  /**
   * Why the model cannot read the token; null if it can.
   *
   * @param word the result of {@link #word} for this token
   */
  public Refusal refusal(Token token, int word) {
    if (vocabulary == null) {
      return refusalOfFeatures(token.features());
    }
    if (word != NO_WORD) {
      return null;
    }
    Reason reason = token.token() == null ? Reason.MISSING_FIELD : Reason.UNKNOWN_TOKEN;
    return new Refusal(reason, "token: expected a word of the vocabulary");
  }

  private Refusal refusalOfFeatures(float[] numbers) {
    int length = numbers == null ? 0 : numbers.length;
    if (length != features) {
      return new Refusal(
          numbers == null ? Reason.MISSING_FIELD : Reason.WRONG_LENGTH,
          "features: expected " + features + " numbers, found " + length);
    }
    if (!kernel.isFinite(numbers, 0, length)) {
      return new Refusal(Reason.NOT_FINITE, "features: expected finite numbers");
    }
    for (int i = 0; scale != null && i < length; i++) {
      if (!Float.isFinite(scale.apply(numbers[i], i))) {
        return new Refusal(
            Reason.NOT_FINITE, "features: expected numbers that are finite after input.scale");
      }
    }
    return null;
  }
}
