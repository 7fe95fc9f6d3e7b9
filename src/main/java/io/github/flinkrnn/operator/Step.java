package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.StepPlan;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;

/** A step of one token, from its plan to its result, until it is committed. */
final class Step {
  /**
   * Working memory for a step, which the next step in the same place uses again.
   *
   * @param next for the values kept at t, if their length is fixed
   * @param logits of y&lt;t&gt; of each head; null for those that are not needed
   * @param x for x&lt;t&gt; of a step that is computed later than the next token is read; otherwise
   *     null
   */
  record Room(float[] next, float[][] logits, float[] x) {
    /** Working memory for the logits of another step. */
    Room another() {
      float[][] others = new float[logits.length][];
      for (int h = 0; h < others.length; h++) {
        others[h] = logits[h] == null ? null : new float[logits[h].length];
      }
      return new Room(null, others, null);
    }
  }

  final Room room;
  final float[][] logits; // of y<t> of each head; null for those that are not needed
  StepPlan plan;
  int word; // the id of its word, if the model reads words
  float[] x; // x<t> as the network takes it, if the model reads anything else
  int scored; // the id of the word that the outputs of y<t-1> are compared with
  byte[] marks; // what is counted of the fields of the token; null for nothing
  float[] next; // the values kept at t
  float[][] y; // y<t> of each head, where it is computed already; null for none
  Reason refused; // null if the step was taken
  String refusal;
  boolean changed; // the label differs from that at t-1, or t is 1
  Integer rank; // of this token in y<t-1>; null if there is none
  Float surprise;
  Float error; // of y<t-1>, as a forecast of this x<t>; null if there is none
  // Of a model that looks ahead:
  boolean decidesAll; // with the future that is there
  Step[] decided; // the tokens whose predictions no longer wait; null for another model
  Step provisional; // of its own token; null for none
  Token[] undecided; // the tokens whose predictions wait; null for none
  Boolean isFinal; // null if a prediction does not say so

  Step(Room room) {
    this.room = room;
    this.logits = room.logits();
  }

  /** y&lt;t&gt; of a head; null if it is not computed yet. */
  float[] y(int head) {
    return y == null ? null : y[head];
  }

  void yIs(int head, float[] prediction) {
    if (y == null) {
      y = new float[logits.length][];
    }
    y[head] = prediction;
  }

  void refuseOverflow() {
    refuse(Reason.NOT_FINITE, "step " + plan.t() + " overflows float32");
  }

  void refuse(Reason reason, String detail) {
    refused = reason;
    refusal = detail;
  }
}
