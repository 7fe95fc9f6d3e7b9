package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.model.Scores;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;

/**
 * Makes the prediction of a step, of no more than was asked for: the head is left out where nothing
 * needs it. What y&lt;t-1&gt; said of the token follows from a&lt;t-1&gt;, so nothing is kept for
 * it.
 */
final class Predictions {
  private final OutputOptions options;
  private final RnnModel model;
  private final RnnStepper numbers; // softmax and labels; it takes no steps
  private final Past past;
  private final Kernel kernel = Kernel.best();
  private final boolean hasHead;
  private final boolean looksBack;
  private final boolean scoresToken;
  private final WordOutputs words; // null where no token is scored
  private final String modelName;
  private final int labelAt; // the output that is to be above a limit; -1 for the largest
  private final float[] logits; // of the step just taken
  private final float[] before; // of the step before it

  private Integer rank;
  private Float surprise;
  private boolean changed;

  Predictions(OutputOptions options, RnnModel model, Past past) {
    this.options = options;
    this.model = model;
    this.past = past;
    numbers = model.stepper();
    hasHead = options.asksForTheHead();
    looksBack = options.asksForTheStepBefore();
    scoresToken = options.asksForTheToken();
    words = scoresToken ? WordOutputs.of(model) : null;
    modelName = model.name() + "@" + model.version();
    String label = options.emit().label();
    labelAt = label == null ? -1 : model.labels().indexOf(label);
    logits = new float[model.outputSize()];
    before = new float[model.outputSize()];
  }

  boolean areLastAlone() {
    return options.emit().when() == Emit.When.LAST;
  }

  /**
   * What the step before said of the token that has come.
   *
   * @param word the token's id, for a model of words
   * @param kept what is kept at t-1; null at the beginning of a sequence
   */
  void stepBegins(int word, float[] kept) {
    rank = null;
    surprise = null;
    if (!looksBack || kept == null) {
      return;
    }
    past.logits(kept, before);
    // Where nobody asked for the head, no step before was held back for one that overflows.
    if (scoresToken && kernel.isFinite(before, 0, before.length)) {
      int output = words.ofWord(word);
      if (output == WordOutputs.NONE) {
        rank = before.length + 1; // less likely than anything it can say
      } else {
        rank = Scores.rank(before, output);
        surprise = Scores.surprise(before, output);
      }
    }
  }

  /**
   * y&lt;t&gt;, where it is asked for.
   *
   * @param kept what is kept at t
   * @return whether all its numbers are finite
   */
  boolean stepEnds(float[] kept) {
    if (hasHead) {
      past.logits(kept, logits);
    }
    return past.isFinite(kept, hasHead || options.has(OutputField.HIDDEN))
        && (!hasHead || kernel.isFinite(logits, 0, logits.length));
  }

  /** The prediction of a token that came. */
  Prediction of(Token token, long t, float[] kept) {
    changed =
        options.emit().when() != Emit.When.CHANGE
            || t == 1
            || Scores.largestAt(logits) != Scores.largestAt(before);
    return prediction(
        token.key(),
        t,
        options.has(OutputField.TOKEN) ? token.token() : null,
        kept,
        false,
        options.has(OutputField.SEQ) ? token.seq() : null,
        options.has(OutputField.TIMESTAMP) ? token.timestamp() : null,
        token.carried(),
        token.source());
  }

  /**
   * The prediction of a word that the model made itself.
   *
   * @param prompt the token that it goes on from
   */
  Prediction generated(Token prompt, String word, long t, float[] kept) {
    rank = null;
    surprise = null;
    return prediction(
        prompt.key(), t, word, kept, true, null, null, prompt.carried(), prompt.source());
  }

  private Prediction prediction(
      String key,
      long t,
      String token,
      float[] kept,
      boolean generated,
      Long seq,
      Long timestamp,
      String[] carried,
      SourceRecord source) {
    boolean all = options.has(OutputField.PREDICTION) && options.topK() == 0;
    boolean needed = all || options.topK() > 0;
    float[] y = needed ? numbers.prediction(logits) : null;
    int[] top = options.topK() > 0 ? Scores.largestAt(y, options.topK()) : null;
    return new Prediction(
        key,
        t,
        token,
        options.has(OutputField.LABEL) ? numbers.label(logits) : null,
        all ? y : null,
        options.has(OutputField.LOGITS) ? logits.clone() : null,
        options.has(OutputField.HIDDEN) ? past.hidden(kept) : null,
        options.has(OutputField.SURPRISE) ? surprise : null,
        options.has(OutputField.RANK) ? rank : null,
        top == null ? null : names(top),
        top == null ? null : values(y, top),
        generated,
        seq,
        timestamp,
        options.has(OutputField.MODEL) ? modelName : null,
        carried,
        source);
  }

  private String[] names(int[] top) {
    String[] names = new String[top.length];
    for (int i = 0; i < top.length; i++) {
      names[i] = model.outputName(top[i]);
    }
    return names;
  }

  private static float[] values(float[] y, int[] top) {
    float[] values = new float[top.length];
    for (int i = 0; i < top.length; i++) {
      values[i] = y[top[i]];
    }
    return values;
  }

  /** Whether the rule lets the prediction that was made last out. */
  boolean isToBeEmitted(Prediction prediction) {
    return switch (options.emit().when()) {
      case EACH, LAST -> true;
      case CHANGE -> changed;
      case ABOVE -> score(prediction) > options.emit().limit();
      case RANK_ABOVE -> rank != null && rank > options.emit().limit();
      case SURPRISE_ABOVE ->
          rank != null && (surprise == null || surprise > options.emit().limit());
    };
  }

  private float score(Prediction prediction) {
    float[] y =
        prediction.prediction() == null ? numbers.prediction(logits) : prediction.prediction();
    return y[labelAt < 0 ? Scores.largestAt(y) : labelAt];
  }

  void close() {
    numbers.close();
  }
}
