package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.LookAheadStepper.Sequence;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;

/**
 * Keeps what a bidirectional model needs of a sequence: the forward states, and the inputs of its
 * layers that wait for later tokens. Before these are the floats that this class reserves:
 *
 * <pre>
 * what the next x&lt;t&gt; needs of the last one · label: the last decided one, plus 1; 0 for none
 * </pre>
 *
 * <p>A token takes a step, and decides none, one or several tokens. Each of them is a step of its
 * own with its prediction. The <i>kept values</i> in the methods about logits are the output of the
 * network for one token.
 */
final class LookAheadPast implements Past {
  /** Larger kept values are a new array at each step. */
  private static final int MOST_ROOM = 1 << 14;

  private final RnnModel model;
  private final TokenReader reader;
  private final LookAheadStepper stepper;
  private final RnnStepper numbers;
  private final boolean isProvisional;
  private final int labelAt;

  LookAheadPast(RnnModel model, LookAhead lookAhead, OutputOptions output, TokenReader reader) {
    this.model = model;
    this.reader = reader;
    labelAt = reader.memorySize();
    stepper = model.lookAhead(lookAhead.tokens(), labelAt + 1);
    numbers = model.stepper();
    isProvisional = output.provisional();
  }

  @Override
  public long fingerprint() {
    return model.fingerprint();
  }

  @Override
  public boolean fits(float[] kept) {
    return stepper.fits(kept);
  }

  @Override
  public int room() {
    int most = stepper.mostKept();
    return most <= MOST_ROOM ? most : 0;
  }

  @Override
  public TokenReader.Refusal complete(StepPlan plan) {
    return reader.complete(plan.previous(), 0, plan.previousTime());
  }

  @Override
  public float[] step(int word, float[] x, float[] kept, float[] room) {
    throw new UnsupportedOperationException("expected several steps");
  }

  @Override
  public void stepEach(int count, Step[] steps) {
    Sequence[] sequences = new Sequence[count];
    for (int i = 0; i < count; i++) {
      Step step = steps[i];
      StepPlan plan = step.plan;
      sequences[i] = new Sequence(plan.previous(), step.room.next());
      if (plan.token() != null) {
        sequences[i].take(step.word, step.x);
      }
      if (step.decidesAll || plan.endAfter() != null) {
        sequences[i].decideAll();
      } else if (isProvisional) {
        sequences[i].askProvisional();
      }
    }
    stepper.run(count, sequences);
    for (int i = 0; i < count; i++) {
      Step step = steps[i];
      step.next = sequences[i].next();
      rememberToken(step);
      step.next[labelAt] = step.plan.previous() == null ? 0 : step.plan.previous()[labelAt];
      decide(step, sequences[i].decided());
      if (sequences[i].provisional() != null) {
        step.provisional = new Step(step.room);
        step.provisional.plan = step.plan;
        step.provisional.next = sequences[i].provisional();
        step.provisional.isFinal = false;
      }
    }
  }

  private void rememberToken(Step step) {
    if (step.plan.token() == null) {
      System.arraycopy(step.plan.previous(), 0, step.next, 0, labelAt);
    } else if (!(model.input() instanceof ModelInput.Words)) {
      reader.remember(step.x, 0, step.next, 0);
    }
  }

  /** Makes steps of the tokens that are decided. */
  private void decide(Step step, float[][] outputs) {
    Token[] tokens = tokens(step.plan);
    int last = tokens.length - 1;
    int decided = model.readsFinal() && outputs.length > 0 ? tokens.length : outputs.length;
    step.decided = new Step[outputs.length];
    for (int d = 0; d < outputs.length; d++) {
      int at = decided - outputs.length + d; // one output for all tokens belongs to the last
      Step of = new Step(step.room.another());
      long t = step.plan.t() - last + at;
      of.plan = new StepPlan(tokens[at], step.word, null, null, Position.NONE, t, null, null, 0);
      of.next = outputs[d];
      of.isFinal = isProvisional ? true : null;
      step.decided[d] = of;
    }
    // Only the last token of a sequence has its prediction, if there is one for all.
    int from = model.readsFinal() ? Math.max(decided, last) : decided;
    step.undecided = from == tokens.length ? null : Arrays.copyOfRange(tokens, from, tokens.length);
  }

  /** The undecided tokens, and the one of the step. */
  private static Token[] tokens(StepPlan plan) {
    Token[] before = plan.undecided() == null ? new Token[0] : plan.undecided().tokens();
    if (plan.token() == null) {
      return before;
    }
    Token[] tokens = Arrays.copyOf(before, before.length + 1);
    tokens[before.length] = plan.token();
    return tokens;
  }

  /**
   * Compares the label of a decided token with that of the one decided before, and keeps it.
   *
   * @param of the step that decided it
   * @param label the index of the label
   */
  boolean changes(Step of, int label) {
    int before = Float.floatToRawIntBits(of.next[labelAt]) - 1;
    of.next[labelAt] = Float.intBitsToFloat(label + 1);
    return before != label;
  }

  @Override
  public void logitsEach(int count, float[][] outputs, float[][][] logits) {
    numbers.logitsEach(count, outputs, logits);
  }

  @Override
  public void logits(float[] output, float[][] logits) {
    numbers.logits(output, logits);
  }

  @Override
  public boolean isFinite(float[] output, boolean used) {
    return numbers.isFinite(output);
  }

  @Override
  public float[] hidden(float[] output) {
    return numbers.hidden(output);
  }

  @Override
  public void close() {
    numbers.close();
    stepper.close();
  }
}
