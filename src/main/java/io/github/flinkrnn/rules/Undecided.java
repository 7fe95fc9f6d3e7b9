package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The undecided tokens of a sequence: they are taken, but their predictions wait for later tokens.
 *
 * @param tokens in their order, at least one. Must not be modified
 * @param deadline when they are decided with the future that is there, unless a token arrives, in
 *     epoch milliseconds; 0 for never
 * @param inEventTime whether the deadline is in event time; otherwise it is in processing time
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // a state holds one, and is compared nowhere
public record Undecided(Token[] tokens, long deadline, boolean inEventTime) {
  /**
   * The same with another deadline.
   *
   * @param moment in epoch milliseconds; 0 for never
   * @param isEventTime whether it is in event time
   * @return the tokens with the deadline
   */
  Undecided until(long moment, boolean isEventTime) {
    return new Undecided(tokens, moment, isEventTime);
  }
}
