package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.model.Scores;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.operator.TokenReader.Refusal;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceRules;
import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.function.Consumer;

/**
 * Runs a model: checks which tokens it can read, computes the steps and makes the predictions.
 * Holds working memory, but no state of sequences. Not thread-safe.
 *
 * <p>Computes only what the output needs: the head is skipped if nothing uses it. The scores of a
 * token under y&lt;t-1&gt; are computed from a&lt;t-1&gt;, so no extra state is kept for them.
 */
final class ModelSession implements AutoCloseable {
  private final OutputOptions output;
  private final RnnModel model;
  private final TokenReader reader;
  private final boolean needsTime;
  private final RnnStepper numbers; // used only for softmax and labels
  private final Past past;
  private final Generator generator; // null if nothing is generated
  private final Kernel kernel = Kernel.best();
  private final WordOutputs words; // null if no token is scored
  private final String modelName;
  private final int labelAt; // the output that is compared with the limit; -1 for the largest
  private final boolean hasHead;
  private final boolean usesHidden; // a<t> is used
  private final boolean looksBack; // y<t-1> is used
  private final boolean scoresForecast;
  private final float[] before; // the logits of y<t-1>

  ModelSession(RnnModel model, SequenceOptions sequence, OutputOptions output) {
    this.output = output;
    this.model = model;
    reader = new TokenReader(model);
    needsTime = sequence.needsWatermarks();
    numbers = model.stepper();
    past = Past.of(model, sequence.window());
    words = output.asksForTheToken() ? WordOutputs.of(model) : null;
    modelName = model.name() + "@" + model.version();
    String label = output.emit().label();
    labelAt = label == null ? -1 : model.labels().indexOf(label);
    hasHead = output.asksForTheHead();
    usesHidden = hasHead || output.has(OutputField.HIDDEN);
    looksBack = output.asksForTheStepBefore();
    scoresForecast = output.asksForTheError();
    before = new float[model.outputSize()];
    generator =
        sequence.generation() == null
            ? null
            : new Generator(sequence.generation(), model, past, this);
  }

  /** The rules of the sequences that this session computes. */
  SequenceRules rules(SequenceOptions sequence) {
    return new SequenceRules(
        sequence,
        past.fingerprint(),
        past::fits,
        reader.word(sequence.startToken()),
        reader.word(sequence.endToken()),
        reader::isSame);
  }

  /** Working memory for a step. */
  Step newStep() {
    return new Step(past.room(), model.outputSize());
  }

  /** The fingerprint of the states that this session computes. */
  long fingerprint() {
    return past.fingerprint();
  }

  /** The id of the word of a token, for a model with a vocabulary. */
  int word(Token token) {
    return reader.word(token);
  }

  /**
   * Why the token cannot be taken; null if it can.
   *
   * @param word the result of {@link #word} for this token
   */
  Refusal refusal(Token token, int word) {
    if (needsTime && token.timestamp() == null) {
      return new Refusal(
          Reason.MISSING_FIELD, "timestamp: missing: expected a time, which this job needs");
    }
    return reader.refusal(token, word);
  }

  /**
   * Computes a step.
   *
   * @param step receives the result, or the reason for a rejection; if rejected, the state is
   *     unchanged
   */
  void compute(StepPlan plan, Step step) {
    step.begin();
    try {
      scoreToken(plan, step);
      step.nextIs(past.step(plan.word(), plan.token().features(), plan.previous(), step.room));
      if (!finish(step)) {
        step.refuse(Reason.NOT_FINITE, "step " + plan.t() + " overflows float32");
      } else if (output.emit().when() == Emit.When.CHANGE) {
        step.changed =
            plan.previous() == null || Scores.largestAt(step.logits) != Scores.largestAt(before);
      }
    } catch (NotAcceptedException refused) {
      step.refuse(Reason.NOT_ACCEPTED, "step " + plan.t() + ": " + refused.getMessage());
    }
  }

  /** Scores the token under the prediction of the previous step. */
  private void scoreToken(StepPlan plan, Step step) {
    if (!looksBack || plan.previous() == null) {
      return;
    }
    past.logits(plan.previous(), before);
    // If the output does not use the head, earlier steps were not checked for an overflow in it.
    if (!kernel.isFinite(before, 0, before.length)) {
      return;
    }
    if (scoresForecast) {
      step.error = numbers.error(before, plan.token().features());
    }
    if (words == null) {
      return;
    }
    int said = words.ofWord(plan.word());
    if (said == WordOutputs.NONE) {
      step.rank = before.length + 1; // less likely than every output
    } else {
      step.rank = Scores.rank(before, said);
      step.surprise = Scores.surprise(before, said);
    }
  }

  /**
   * Computes the logits of y&lt;t&gt; if they are needed. Returns whether all numbers of the step
   * are finite.
   */
  boolean finish(Step step) {
    if (hasHead) {
      past.logits(step.next, step.logits);
    }
    return past.isFinite(step.next, usesHidden)
        && (!hasHead || kernel.isFinite(step.logits, 0, step.logits.length));
  }

  /** Whether the emission rule emits the step. */
  boolean emits(Step step) {
    Emit emit = output.emit();
    return switch (emit.when()) {
      case EACH, LAST -> true;
      case CHANGE -> step.changed;
      case ABOVE -> {
        step.prediction = prediction(step);
        yield score(step.prediction) > emit.limit();
      }
      case RANK_ABOVE -> step.rank != null && step.rank > emit.limit();
      case SURPRISE_ABOVE ->
          step.rank != null && (step.surprise == null || step.surprise > emit.limit());
      case ERROR_ABOVE -> step.error != null && step.error > emit.limit();
    };
  }

  private double score(float[] y) {
    return y[labelAt < 0 ? Scores.largestAt(y) : labelAt];
  }

  private float[] prediction(Step step) {
    return step.prediction == null ? numbers.prediction(step.logits) : step.prediction;
  }

  /** The prediction for the step of a token from the input. */
  Prediction prediction(StepPlan plan, Step step) {
    Token token = plan.token();
    return prediction(
        token.key(),
        plan.t(),
        output.has(OutputField.TOKEN) ? token.token() : null,
        step,
        false,
        output.has(OutputField.SEQ) ? token.seq() : null,
        output.has(OutputField.TIMESTAMP) ? token.timestamp() : null,
        token.carried(),
        token.source());
  }

  /**
   * The prediction for a generated word.
   *
   * @param prompt the token after which the word is generated
   */
  Prediction generated(Token prompt, String word, long t, Step step) {
    return prediction(
        prompt.key(), t, word, step, true, null, null, prompt.carried(), prompt.source());
  }

  private Prediction prediction(
      String key,
      long t,
      String token,
      Step step,
      boolean generated,
      Long seq,
      Long timestamp,
      String[] carried,
      SourceRecord source) {
    int k = output.topK();
    float[] y = k > 0 || output.has(OutputField.PREDICTION) ? prediction(step) : null;
    int[] top = k > 0 ? Scores.largestAt(y, k) : null;
    return new Prediction(
        key,
        t,
        token,
        output.has(OutputField.LABEL) ? numbers.label(step.logits) : null,
        k == 0 ? y : null,
        output.has(OutputField.LOGITS) ? step.logits.clone() : null,
        output.has(OutputField.HIDDEN) ? past.hidden(step.next) : null,
        output.has(OutputField.SURPRISE) ? step.surprise : null,
        output.has(OutputField.RANK) ? step.rank : null,
        output.has(OutputField.ERROR) ? step.error : null,
        top == null ? null : names(top),
        top == null ? null : values(y, top),
        generated,
        seq,
        timestamp,
        output.has(OutputField.MODEL) ? modelName : null,
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

  /** Whether the model generates tokens after the step. */
  boolean goesOn(StepPlan plan) {
    EndReason end = plan.endAfter();
    return generator != null
        && (plan.token().generate() || end == EndReason.END || end == EndReason.END_TOKEN);
  }

  /** Why the model may not generate after the token of the step; null if it may. */
  Refusal refusalToGoOn(StepPlan plan) {
    return generator.refusal(plan.token());
  }

  /** Generates tokens after a step. The state of the sequence does not change. */
  void goOn(StepPlan plan, Step step, Consumer<Prediction> out) {
    generator.goOn(plan.token(), plan.t(), step.next, out);
  }

  @Override
  public void close() {
    numbers.close();
    past.close();
  }
}
