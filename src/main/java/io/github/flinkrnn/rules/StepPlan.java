package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Token;

/**
 * One step that is to be taken, as {@link SequenceRules} decide it before anything is computed.
 *
 * @param token whose step it is
 * @param word its id, for a model of words
 * @param previous the state that the step begins from; null at the beginning of a sequence; not to
 *     be written to
 * @param t the step within the sequence, from 1
 * @param endBefore why the kept sequence is not the token's, and ends; or null
 * @param endAfter why the sequence ends with this step; or null
 * @param expires when the sequence ends unless a token comes; 0 for never
 */
public record StepPlan(
    Token token,
    int word,
    float[] previous,
    long t,
    EndReason endBefore,
    EndReason endAfter,
    long expires) {}
