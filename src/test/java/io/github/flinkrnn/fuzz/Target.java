package io.github.flinkrnn.fuzz;

import java.io.IOException;
import java.util.Map;
import java.util.Random;

/** Something that reads what others wrote: each run feeds it one hostile input. */
interface Target extends AutoCloseable {
  /** As {@code --only} names it. */
  String name();

  /** How many runs the long form makes. */
  int runs();

  /** The most heap that one run may allocate, in bytes. */
  default long mostBytes() {
    return 128L << 20;
  }

  /** How many runs in a row share a state; a replay begins with the first of them. */
  default int together() {
    return 1;
  }

  /** Begins runs that share a state; what was left of the last ones is given up. */
  default void begin(Random random, Tally tally) throws Exception {}

  /** Makes the input of the next run. */
  Trial next(Random random);

  /** Ends the runs that share a state, and judges what became of them together. */
  default void end() throws Exception {}

  /**
   * Files beside the inputs that a failure keeps: what the runs that share a state have in common.
   */
  default Map<String, byte[]> context() {
    return Map.of();
  }

  @Override
  default void close() throws IOException {}

  /** An input that was made, and has not been fed. */
  interface Trial {
    /** The input's bytes by file name. */
    Map<String, byte[]> files();

    /**
     * Feeds it.
     *
     * @return the outcome in a word or two
     * @throws Exception whatever escapes, or is wrong with the outcome
     */
    String run() throws Exception;
  }

  /** Counts outcomes. */
  interface Tally {
    void add(String outcome, long more);

    default void add(String outcome) {
      add(outcome, 1);
    }
  }
}
