package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.SequenceState;
import java.util.function.Consumer;

/**
 * The steps of different keys that are computed together. All states are read first, so that the
 * processor waits for many of them at once, and not for each before the next. Then follow two
 * passes over the tokens and timers. The first one plans what each of them causes. Then all steps
 * are computed. The second pass commits them. {@link BatchingOperator} makes the passes.
 */
final class Batch {
  private enum Pass {
    NONE,
    LOOK_UP,
    PLAN,
    COMMIT
  }

  private static final int LINE = 16; // floats in a cache line

  private final BatchOptions options;
  private final Sequences sequences;
  private final Step.Room[] rooms;
  private final Consumer<Object> setKey;
  private final KeyStore store;
  private Collected.Item[] items;
  private boolean isKeySet; // the current key is that of the token or timer
  private Pass pass = Pass.NONE;
  private SequenceState[] states; // as they were read

  @SuppressWarnings("UnusedVariable") // written so that the compiler keeps the loads
  private float touched;

  private Sequences.Visit[] visits; // null where everything is done
  private int at;

  /**
   * @param rooms one for each step of a batch
   * @param setKey sets the current key of the operator
   */
  Batch(
      BatchOptions options,
      Sequences sequences,
      Step.Room[] rooms,
      Consumer<Object> setKey,
      KeyStore store) {
    this.options = options;
    this.sequences = sequences;
    this.rooms = rooms;
    this.setKey = setKey;
    this.store = store;
  }

  BatchOptions options() {
    return options;
  }

  /**
   * Reads the states of the keys, and begins the first pass.
   *
   * @param count how many of the items
   */
  void begin(Collected.Item[] of, int count) throws Exception {
    // Both arrays are new, because a store to an old one costs a fence.
    SequenceState[] read = new SequenceState[count];
    visits = new Sequences.Visit[count];
    items = of;
    pass = Pass.LOOK_UP;
    for (int i = 0; i < count; i++) {
      next(i);
      read[i] = store.state();
    }
    touched += touch(read);
    states = read;
    pass = Pass.PLAN;
    next(0);
  }

  /** Loads all cache lines of the states: the misses of different keys overlap in a small loop. */
  private static float touch(SequenceState[] states) {
    float sum = 0;
    for (SequenceState state : states) {
      float[] values = state == null ? null : state.values();
      if (values != null) {
        for (int i = 0; i < values.length; i += LINE) {
          sum += values[i];
        }
      }
    }
    return sum;
  }

  private void next(int i) {
    at = i;
    isKeySet = false;
  }

  boolean isPlanning() {
    return pass == Pass.PLAN;
  }

  /** Working memory for the step of the token or timer that is planned next. */
  Step.Room room() {
    return rooms[at];
  }

  /**
   * Adds what the next token or timer causes.
   *
   * @param planned with its step; null if everything is done
   */
  void add(Sequences.Visit planned) {
    visits[at] = planned;
    next(at + 1);
  }

  /** The key of the token or timer of the pass; null outside of a pass. */
  Object key() {
    return pass == Pass.NONE ? null : items[at].key;
  }

  /** The state of that key, as it was read. */
  SequenceState state() {
    return states[at];
  }

  /** Computes the planned steps, and begins the second pass. */
  void compute() {
    Step[] steps = new Step[visits.length];
    int count = 0;
    for (Sequences.Visit planned : visits) {
      if (planned != null) {
        steps[count++] = planned.step();
      }
    }
    if (count > 0) {
      sequences.compute(count, steps);
    }
    pass = Pass.COMMIT;
  }

  /** Whether the i-th token or timer has something to commit. It is then the next one. */
  boolean isPlanned(int i) {
    next(i);
    return visits[i] != null;
  }

  /**
   * Sets the key of the token or timer, before its state or timers are used. Most tokens use
   * neither, once the states are read, if a state is an object on the heap that a step changes in
   * place.
   */
  void useKey() {
    if (pass != Pass.NONE && !isKeySet) {
      isKeySet = true;
      setKey.accept(items[at].key);
    }
  }

  /** What the next token or timer causes, in the second pass; null outside of it. */
  Sequences.Visit computed() {
    return pass == Pass.COMMIT ? visits[at] : null;
  }

  void end() {
    pass = Pass.NONE;
    visits = null;
    states = null;
    items = null;
  }
}
