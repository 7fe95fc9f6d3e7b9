package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
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
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.annotation.Internal;

/**
 * Runs a model: checks which tokens it can read, computes the steps and makes the predictions.
 * Holds working memory, but no state of sequences. Not thread-safe.
 *
 * <p>Computes only what the output needs: the head is skipped if nothing uses it. The scores of a
 * token under y&lt;t-1&gt; are computed from a&lt;t-1&gt;, so no extra state is kept for them.
 */
@Internal
public final class ModelSession implements AutoCloseable {
  /** How many predictions of long sequences are computed together. */
  private static final int TOGETHER = 256;

  private final OutputOptions output;
  private final TokenReader reader;
  private final boolean needsTime;
  private final int inputSize;
  private final RnnStepper numbers; // used only for softmax and labels
  private final Past past;
  private final LookAheadPast ahead; // the same, if the model looks ahead; else null
  private final Outputs outputs;
  private final Generator generator; // null if nothing is generated
  private final Kernel kernel = Kernel.best();
  private final WordOutputs words; // null if no token is scored
  private final Forecast forecast; // null if no forecast is scored
  private final boolean looksBack; // y<t-1> is used
  private final boolean comparesLabels;
  private final boolean stepsSeveral;
  private final float[][] before; // the logits of y<t-1>; null for heads that are not used
  private final Room[] beforeRooms; // the same for several sequences

  /** A session for these options, which {@link ModelFit} has accepted. */
  public ModelSession(RnnModel model, SequenceOptions sequence, OutputOptions output) {
    this.output = output;
    reader = new TokenReader(model);
    needsTime = sequence.needsWatermarks();
    inputSize = model.input().size();
    numbers = model.stepper();
    past = Past.of(model, sequence, output, reader);
    ahead = past instanceof LookAheadPast its ? its : null;
    outputs = new Outputs(model, output, numbers);
    words = output.asksForTheToken() ? WordOutputs.of(model) : null;
    forecast = output.asksForTheError() ? Forecast.of(model, output.emit()) : null;
    looksBack = output.asksForTheStepBefore();
    comparesLabels = output.emit().when() == Emit.When.CHANGE;
    stepsSeveral = model.stepsSeveral();
    before = new float[model.heads().size()][];
    if (words != null) {
      before[words.head()] = new float[model.heads().get(words.head()).size()];
    }
    if (forecast != null) {
      before[forecast.head()] = new float[model.heads().get(forecast.head()).size()];
    }
    if (comparesLabels) {
      before[outputs.emitHead()] = new float[model.heads().get(outputs.emitHead()).size()];
    }
    beforeRooms = new Room[before.length];
    for (int h = 0; h < before.length; h++) {
      beforeRooms[h] = new Room(before[h] == null ? 0 : before[h].length);
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

  /**
   * Working memory for a step.
   *
   * @param waits whether other tokens are read before the step is computed
   */
  Step.Room newRoom(boolean waits) {
    float[] x = waits && reader.reusesX() ? new float[inputSize] : null;
    return new Step.Room(new float[past.room()], outputs.room(), x);
  }

  /** Whether steps of several sequences are computed together. */
  boolean stepsSeveral() {
    return stepsSeveral;
  }

  /** The fingerprint of the states that this session computes. */
  long fingerprint() {
    return past.fingerprint();
  }

  /**
   * Reads a token, which is then the one that {@link #prepare} takes.
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
    return reader.timeToKeep(token);
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
   * Prepares the step of the token that was read last.
   *
   * @return the step, or one that is refused already
   */
  Step prepare(StepPlan plan, Step.Room room) {
    Step step = new Step(room);
    step.plan = plan;
    Refusal missing = past.complete(plan);
    if (missing != null) {
      step.refuse(missing.reason(), missing.detail());
      return step;
    }
    step.word = reader.word();
    step.x = reader.x();
    if (room.x() != null) {
      System.arraycopy(step.x, 0, room.x(), 0, room.x().length);
      step.x = room.x();
    }
    step.marks = reader.marks();
    if (words != null) {
      step.scored = words.ofWord(reader.wordId(words));
    }
    return step;
  }

  /**
   * Computes a step. If it is refused, the state is unchanged.
   *
   * @param step a prepared step that is not refused
   */
  void compute(Step step) {
    if (ahead != null) {
      computeDecided(1, new Step[] {step});
      return;
    }
    StepPlan plan = step.plan;
    try {
      if (looksBack && plan.previous() != null) {
        past.logits(plan.previous(), before);
        lookBack(step, before);
      }
      step.next = past.step(step.word, step.x, plan.previous(), step.room.next());
      outputs.finish(past, step);
      if (comparesLabels && step.refused == null) {
        step.changed = plan.previous() == null || isChanged(step, before[outputs.emitHead()]);
      }
    } catch (NotAcceptedException refused) {
      step.refuse(Reason.NOT_ACCEPTED, "step " + plan.t() + ": " + refused.getMessage());
    }
  }

  /**
   * Computes several steps, with the same bits as one by one. Only if {@link #stepsSeveral}.
   *
   * @param steps the first {@code count} are of different sequences
   */
  void computeEach(int count, Step[] steps) {
    if (ahead != null) {
      computeDecided(count, steps);
      return;
    }
    float[][][] earlier = looksBack ? beforeEach(count, steps) : null;
    past.stepEach(count, steps);
    outputs.finishEach(count, past, steps);
    if (comparesLabels) {
      int head = outputs.emitHead();
      for (int i = 0; i < count; i++) {
        steps[i].changed =
            steps[i].plan.previous() == null || isChanged(steps[i], earlier[head][i]);
      }
    }
  }

  /** Computes steps, and the predictions of the tokens that they decide. */
  private void computeDecided(int count, Step[] steps) {
    ahead.stepEach(count, steps);
    List<Step> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.addAll(List.of(steps[i].decided));
      if (steps[i].provisional != null) {
        all.add(steps[i].provisional);
      }
    }
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<Step> some = all.subList(from, Math.min(from + TOGETHER, all.size()));
      outputs.finishEach(some.size(), ahead, some.toArray(Step[]::new));
    }
    for (int i = 0; i < count; i++) {
      for (Step decided : steps[i].decided) {
        float[] logits = decided.logits[outputs.emitHead()];
        if (decided.refused == null && logits != null) {
          decided.changed = ahead.changes(steps[i], Scores.largestAt(logits));
        }
      }
    }
  }

  /**
   * Decides all undecided tokens of a sequence, with the future that is there.
   *
   * @return a step without a token; what it keeps has no undecided token
   */
  Step decideAll(SequenceState state) {
    Step step = new Step(new Step.Room(null, outputs.room(), null));
    step.plan =
        new StepPlan(
            null, 0, state.values(), state.undecided(), Position.NONE, state.t(), null, null, 0);
    step.decidesAll = true;
    compute(step);
    return step;
  }

  /** Computes y&lt;t-1&gt; of all steps, and what depends on it. */
  private float[][][] beforeEach(int count, Step[] steps) {
    float[][] kept = new float[count][];
    int[] places = new int[count];
    int some = 0; // with an earlier step
    for (int i = 0; i < count; i++) {
      if (steps[i].plan.previous() != null) {
        kept[some] = steps[i].plan.previous();
        places[some++] = i;
      }
    }
    float[][][] logits = new float[before.length][][];
    for (int h = 0; h < logits.length; h++) {
      logits[h] = before[h] == null ? null : beforeRooms[h].of(some);
    }
    past.logitsEach(some, kept, logits);
    float[][][] byStep = new float[before.length][count][];
    for (int s = 0; s < some; s++) {
      float[][] its = new float[before.length][];
      for (int h = 0; h < its.length; h++) {
        its[h] = logits[h] == null ? null : logits[h][s];
        byStep[h][places[s]] = its[h];
      }
      lookBack(steps[places[s]], its);
    }
    return byStep;
  }

  /** Whether the label differs from that of the logits of the step before. */
  private boolean isChanged(Step step, float[] earlier) {
    return Scores.largestAt(step.logits[outputs.emitHead()]) != Scores.largestAt(earlier);
  }

  /** Scores the token under the prediction of the previous step. */
  private void lookBack(Step step, float[][] earlier) {
    if (forecast != null && isFinite(earlier[forecast.head()])) {
      step.error = forecast.error(numbers, earlier[forecast.head()], step.x);
    }
    if (words == null || !isFinite(earlier[words.head()])) {
      return;
    }
    float[] logits = earlier[words.head()];
    if (step.scored == WordOutputs.NONE) {
      step.rank = logits.length + 1; // less likely than every output
    } else {
      step.rank = Scores.rank(logits, step.scored);
      step.surprise = Scores.surprise(logits, step.scored);
    }
  }

  // If the output does not use a head, earlier steps were not checked for an overflow in it.
  private boolean isFinite(float[] logits) {
    return kernel.isFinite(logits, 0, logits.length);
  }

  /** Computes the end of a step that was computed by the generator. */
  void finish(Step step) {
    outputs.finish(past, step);
  }

  /** Whether the emission rule emits the step. */
  boolean emits(Step step) {
    return outputs.emits(step);
  }

  /** The prediction for the step of a token from the input. */
  Prediction prediction(Step step) {
    StepPlan plan = step.plan;
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
  void goOn(Step step, Consumer<Prediction> out) {
    generator.goOn(step, out);
  }

  @Override
  public void close() {
    numbers.close();
    past.close();
  }
}
