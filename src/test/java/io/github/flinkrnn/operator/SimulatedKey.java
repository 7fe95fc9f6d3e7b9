package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;

/** The state of a key in {@link SimulationReference}. */
final class SimulatedKey {
  static final long NONE = Long.MIN_VALUE;

  /** A waiting token, and since when it waits. */
  record Waiter(Token token, long since) {}

  /** How far the tokens of a key have been taken. Equal if nothing has changed. */
  record Marks(Long seq, long taken, int waiting, long deadline, long due) {}

  /** A sequence of a bidirectional model: all of its tokens, and how many of them are decided. */
  static final class Future {
    final List<Token> tokens = new ArrayList<>();
    final List<float[]> inputs = new ArrayList<>();
    final List<Integer> cuts = new ArrayList<>(); // after which all were decided
    int decided;
    float[] lastOutput;
    long deadline;
    boolean inEventTime; // the deadline

    Future copy() {
      Future copy = new Future();
      copy.tokens.addAll(tokens);
      copy.inputs.addAll(inputs);
      copy.cuts.addAll(cuts);
      copy.decided = decided;
      copy.lastOutput = lastOutput;
      copy.deadline = deadline;
      copy.inEventTime = inEventTime;
      return copy;
    }

    boolean isDecided() {
      return decided == tokens.size();
    }

    /** For each position, the last one that it may depend on. */
    int[] ends() {
      int[] ends = new int[tokens.size()];
      for (int t = 0; t < ends.length; t++) {
        int position = t;
        ends[t] = cuts.stream().filter(cut -> cut >= position).findFirst().orElse(ends.length - 1);
      }
      return ends;
    }
  }

  final String name;
  float[] a; // null without a sequence; with a window, x<t> of its tokens
  float[] x; // of the last token
  long stepTime; // the event time of the last token, if the model has fields
  long t;
  String made; // the model and the window that computed it
  long expires;
  long recordTime;
  String last; // set only if only the last step is emitted
  Future future; // set only during a sequence of a bidirectional model
  Long seq;
  long taken = NONE;
  List<Waiter> waiting = new ArrayList<>();
  By waitingBy;
  long deadline;
  long due = NONE;
  long forgets;
  long wakes = NONE;

  SimulatedKey(String name) {
    this.name = name;
  }

  SimulatedKey copy() {
    SimulatedKey copy = new SimulatedKey(name);
    copy.a = a;
    copy.x = x;
    copy.stepTime = stepTime;
    copy.t = t;
    copy.made = made;
    copy.expires = expires;
    copy.recordTime = recordTime;
    copy.last = last;
    copy.future = future == null ? null : future.copy();
    copy.seq = seq;
    copy.taken = taken;
    copy.waiting = new ArrayList<>(waiting);
    copy.waitingBy = waitingBy;
    copy.deadline = deadline;
    copy.due = due;
    copy.forgets = forgets;
    copy.wakes = wakes;
    return copy;
  }

  Marks marks() {
    return new Marks(seq, taken, waiting.size(), deadline, due);
  }

  void forgetPosition() {
    seq = null;
    taken = NONE;
    due = NONE;
    forgets = 0;
  }

  boolean hasPosition() {
    return seq != null || taken != NONE || !waiting.isEmpty() || forgets != 0 || wakes != NONE;
  }
}
