package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/**
 * A step as {@link SequenceRules} plan it, before anything is computed.
 *
 * @param token the token of the step
 * @param word the id of its word, for a model of words
 * @param previous the state that the step begins from; null at the beginning of a sequence. Must
 *     not be modified
 * @param undecided the tokens before this one whose predictions wait; null for none
 * @param previousTime the event time of the token of that state, if the model needs it
 * @param t the step within the sequence, from 1
 * @param endBefore why the previous sequence ends before this step, or null
 * @param endAfter why the sequence ends after this step, or null
 * @param expires when the sequence ends unless a token arrives; 0 for never
 */
@Internal
public record StepPlan(
    Token token,
    int word,
    float[] previous,
    Undecided undecided,
    long previousTime,
    long t,
    EndReason endBefore,
    EndReason endAfter,
    long expires) {
  /**
   * The same step, after all undecided tokens are decided.
   *
   * @param values the state then
   */
  public StepPlan after(float[] values) {
    return new StepPlan(token, word, values, null, previousTime, t, endBefore, endAfter, expires);
  }
}
