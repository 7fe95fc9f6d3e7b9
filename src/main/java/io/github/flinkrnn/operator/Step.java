package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;

/**
 * The result of computing one step, until it is committed. {@link ModelSession} reuses it for the
 * next step.
 */
final class Step {
  final float[] room; // for the values kept at t, if their length is fixed
  final float[][] logits; // of y<t> of each head; null for those that are not needed
  float[] next; // the values kept at t
  float[] prediction; // y<t> of the emission rule's head, if the rule used it
  Reason refused; // null if the step was taken
  String refusal;
  boolean changed; // the label differs from that at t-1, or t is 1
  Integer rank; // of this token in y<t-1>; null if there is none
  Float surprise;
  Float error; // of y<t-1>, as a forecast of this x<t>; null if there is none

  Step(int stateSize, float[][] logits) {
    room = new float[stateSize];
    this.logits = logits;
  }

  void begin() {
    prediction = null;
    refused = null;
    refusal = null;
    changed = false;
    rank = null;
    surprise = null;
    error = null;
  }

  /** Sets the values kept at t, which are usually in the same array as at the previous step. */
  @SuppressWarnings("ReferenceEquality")
  void nextIs(float[] kept) {
    if (next != kept) {
      next = kept;
    }
  }

  void refuse(Reason reason, String detail) {
    refused = reason;
    refusal = detail;
  }
}
