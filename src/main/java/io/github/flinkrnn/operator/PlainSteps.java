package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceRules;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/**
 * The steps of sequences with the default {@link SequenceOptions}: tokens are taken in the order in
 * which they come, and no sequence ends, except that a state of another model is dropped. The
 * predictions are those of {@link Sequences}. Not thread-safe.
 */
@Internal
public final class PlainSteps {
  private static final Clock NO_CLOCK =
      new Clock() {
        @Override
        public long processingTime() {
          throw new IllegalStateException("the default options need no clock");
        }

        @Override
        public long watermark() {
          throw new IllegalStateException("the default options need no watermark");
        }
      };

  private final ModelSession session;
  private final SequenceRules rules;
  private final Step.Room room;

  /** Steps with a session for the default options. */
  public PlainSteps(ModelSession session) {
    this.session = session;
    rules = session.rules(SequenceOptions.DEFAULT);
    room = session.newRoom(false);
  }

  /**
   * Takes the step of a token.
   *
   * @param state of the key, which becomes that after the step
   * @return the prediction; null if the token was rejected, and the state is unchanged
   */
  public Prediction step(Token token, SequenceState state) {
    if (session.read(token) != null) {
      return null;
    }
    StepPlan plan = rules.plan(state, token, session.word(), false, NO_CLOCK);
    Step step = session.prepare(plan, room);
    if (step.refused == null) {
      session.compute(step);
    }
    if (step.refused != null) {
      return null;
    }
    state.become(session.fingerprint(), plan.t(), 0, 0, session.timeToKeep(token), step.next);
    return session.prediction(step);
  }
}
