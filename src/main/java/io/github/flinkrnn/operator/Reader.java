package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/** Tells which tokens the model can read; the decoder of a job has told most of them already. */
final class Reader {
  /** What {@link #word} says of a token of a features model. */
  static final int NO_WORD = Vocabulary.NONE;

  private final ModelInput input;
  private final boolean needsTime;
  private final Outlet outlet;
  private final Kernel kernel = Kernel.best();

  /**
   * @param needsTime whether a token without an event time is of no use
   */
  Reader(RnnModel model, boolean needsTime, Outlet outlet) {
    this.input = model.input();
    this.needsTime = needsTime;
    this.outlet = outlet;
  }

  /** The id of the token's word; {@link #NO_WORD} for a model of features. */
  int word(Token token) {
    return input instanceof ModelInput.Words words && token.token() != null
        ? words.vocabulary().id(token.token())
        : NO_WORD;
  }

  /** Whether the model can read the token, whose word has that id; it is rejected otherwise. */
  boolean accepts(Token token, int word) {
    if (needsTime && token.timestamp() == null) {
      outlet.reject(
          token, Reason.MISSING_FIELD, "timestamp: expected a time, for the job asks for it");
      return false;
    }
    return input instanceof ModelInput.Words ? acceptsWord(token, word) : acceptsFeatures(token);
  }

  private boolean acceptsWord(Token token, int word) {
    if (word == Vocabulary.NONE) {
      Reason reason = token.token() == null ? Reason.MISSING_FIELD : Reason.UNKNOWN_TOKEN;
      outlet.reject(token, reason, "token: expected a word of the vocabulary");
      return false;
    }
    return true;
  }

  private boolean acceptsFeatures(Token token) {
    float[] features = token.features();
    int length = features == null ? 0 : features.length;
    if (length != input.size()) {
      Reason reason = features == null ? Reason.MISSING_FIELD : Reason.WRONG_LENGTH;
      outlet.reject(
          token, reason, "features: expected " + input.size() + " numbers, found " + length);
      return false;
    }
    if (!kernel.isFinite(features, 0, length)) {
      outlet.reject(token, Reason.NOT_FINITE, "features: expected finite numbers");
      return false;
    }
    return true;
  }
}
