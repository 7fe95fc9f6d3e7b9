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
import io.github.flinkrnn.rules.Position;
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
  private final TokenReader reader;
  private final boolean needsTime;
  private final RnnStepper numbers; // used only for softmax and labels
  private final Past past;
  private final Outputs outputs;
  private final Generator generator; // null if nothing is generated
  private final Kernel kernel = Kernel.best();
  private final WordOutputs words; // null if no token is scored
  private final Forecast forecast; // null if no forecast is scored
  private final boolean looksBack; // y<t-1> is used
  private final float[][] before; // the logits of y<t-1>; null for heads that are not used

  ModelSession(RnnModel model, SequenceOptions sequence, OutputOptions output) {
    this.output = output;
    reader = new TokenReader(model);
    needsTime = sequence.needsWatermarks();
    numbers = model.stepper();
    past = Past.of(model, sequence.window(), reader);
    outputs = new Outputs(model, output, numbers);
    words = output.asksForTheToken() ? WordOutputs.of(model) : null;
    forecast = output.asksForTheError() ? Forecast.of(model, output.emit()) : null;
    looksBack = output.asksForTheStepBefore();
    before = new float[model.heads().size()][];
    if (words != null) {
      before[words.head()] = new float[model.heads().get(words.head()).size()];
    }
    if (forecast != null) {
      before[forecast.head()] = new float[model.heads().get(forecast.head()).size()];
    }
    if (output.emit().when() == Emit.When.CHANGE) {
      before[outputs.emitHead()] = new float[model.heads().get(outputs.emitHead()).size()];
    }
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
    return new Step(past.room(), outputs.room());
  }

  /** The fingerprint of the states that this session computes. */
  long fingerprint() {
    return past.fingerprint();
  }

  /**
   * Reads a token, which is then the one that {@link #compute} takes.
   *
   * @return why the token cannot be taken; null if it can
   */
  Refusal read(Token token) {
    if (needsTime && token.timestamp() == null) {
      return new Refusal(
          Reason.MISSING_FIELD, "timestamp: missing: expected a time, which this job needs");
    }
    return reader.read(token);
  }

  /** The time of a token, if the next step needs it; otherwise {@link Position#NONE}. */
  long timeToKeep(Token token) {
    return reader.keepsTime() ? token.timestamp() : Position.NONE;
  }

  /** What was read of the fields of the last token; null for another model. */
  FieldEncoder fields() {
    return reader.fields();
  }

  /** Whether this token was read last. */
  boolean hasRead(Token token) {
    return reader.hasRead(token);
  }

  /** The id of the word of the token that was read last, for a model with a vocabulary. */
  int word() {
    return reader.word();
  }

  /**
   * Computes a step.
   *
   * @param plan of the token that was read last
   * @param step receives the result, or the reason for a rejection; if rejected, the state is
   *     unchanged
   */
  void compute(StepPlan plan, Step step) {
    step.begin();
    try {
      Refusal missing = past.complete(plan);
      if (missing != null) {
        step.refuse(missing.reason(), missing.detail());
        return;
      }
      scoreToken(plan, step);
      step.nextIs(past.step(reader.word(), reader.x(), plan.previous(), step.room));
      if (!finish(step)) {
        step.refuse(Reason.NOT_FINITE, "step " + plan.t() + " overflows float32");
      } else if (output.emit().when() == Emit.When.CHANGE) {
        int head = outputs.emitHead();
        step.changed =
            plan.previous() == null
                || Scores.largestAt(step.logits[head]) != Scores.largestAt(before[head]);
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
    if (forecast != null && isFinite(before[forecast.head()])) {
      step.error = forecast.error(numbers, before[forecast.head()], reader.x());
    }
    if (words == null || !isFinite(before[words.head()])) {
      return;
    }
    float[] logits = before[words.head()];
    int said = words.ofWord(reader.wordId(words));
    if (said == WordOutputs.NONE) {
      step.rank = logits.length + 1; // less likely than every output
    } else {
      step.rank = Scores.rank(logits, said);
      step.surprise = Scores.surprise(logits, said);
    }
  }

  // If the output does not use a head, earlier steps were not checked for an overflow in it.
  private boolean isFinite(float[] logits) {
    return kernel.isFinite(logits, 0, logits.length);
  }

  /**
   * Computes the logits of y&lt;t&gt; if they are needed. Returns whether all numbers of the step
   * are finite.
   */
  boolean finish(Step step) {
    return outputs.finish(past, step);
  }

  /** Whether the emission rule emits the step. */
  boolean emits(Step step) {
    return outputs.emits(step);
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
    float[] hidden = output.has(OutputField.HIDDEN) ? past.hidden(step.next) : null;
    return outputs.prediction(
        key, t, token, step, hidden, generated, seq, timestamp, carried, source);
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
    generator.goOn(plan.token(), plan.t(), step.next, reader.x(), out);
  }

  @Override
  public void close() {
    numbers.close();
    past.close();
  }
}
