package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;

/**
 * What the computation of one step leaves until it is committed. Working memory: used again for the
 * next step, by {@link ModelSession}.
 */
final class Step {
  final float[] room; // for what is kept at t, where its length is fixed
  final float[] logits; // of y<t>, where it is asked for
  float[] next; // what is kept at t
  float[] prediction; // y<t>, where the emission rule has asked for it
  Reason refused; // null for a step that was taken
  String refusal;
  boolean changed; // the label is another than at t-1, or t is 1
  Integer rank; // of the token that came among y<t-1>; null where there is none
  Float surprise;

  Step(int stateSize, int outputs) {
    room = new float[stateSize];
    logits = new float[outputs];
  }

  void begin() {
    prediction = null;
    refused = null;
    refusal = null;
    changed = false;
    rank = null;
    surprise = null;
  }

  /** What is kept at t: most often the same array as at the step before. */
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
