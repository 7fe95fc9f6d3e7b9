package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.BatchOptions;
import java.util.function.Consumer;

/**
 * The steps of different keys that are computed together, in two passes over the same tokens and
 * timers. The first pass plans what each of them causes. Then all steps are computed. The second
 * pass commits them. {@link BatchingOperator} makes the passes.
 */
final class Batch {
  private enum Pass {
    NONE,
    PLAN,
    COMMIT
  }

  private final BatchOptions options;
  private final Sequences sequences;
  private final Step.Room[] rooms;
  private final Consumer<Object> setKey;
  private Collected.Item[] items;
  private boolean isKeySet; // the current key is that of the token or timer
  private Pass pass = Pass.NONE;
  private Sequences.Visit[] visits; // null where everything is done
  private int at;

  /**
   * @param rooms one for each step of a batch
   * @param setKey sets the current key of the operator
   */
  Batch(BatchOptions options, Sequences sequences, Step.Room[] rooms, Consumer<Object> setKey) {
    this.options = options;
    this.sequences = sequences;
    this.rooms = rooms;
    this.setKey = setKey;
  }

  BatchOptions options() {
    return options;
  }

  /**
   * Begins the first pass.
   *
   * @param count how many of the items
   */
  void beginPlans(Collected.Item[] of, int count) {
    items = of;
    pass = Pass.PLAN;
    visits = new Sequences.Visit[count]; // new, because a store to an old array costs a fence
    at = 0;
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
    visits[at++] = planned;
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
    at = i;
    isKeySet = false;
    return visits[i] != null;
  }

  /**
   * Sets the key of the token or timer, before its state or timers are used. In the second pass,
   * most tokens use neither, if the state is an object on the heap that a step changes in place.
   */
  void useKey() {
    if (pass == Pass.COMMIT && !isKeySet) {
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
    items = null;
  }
}
