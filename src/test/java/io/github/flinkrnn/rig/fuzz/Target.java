package io.github.flinkrnn.rig.fuzz;

import java.io.IOException;
import java.util.Map;
import java.util.Random;

/** Code that reads untrusted input. Each run feeds it one hostile input. */
interface Target extends AutoCloseable {
  /** The name for {@code --only}. */
  String name();

  /** The number of runs of the long form. */
  int runs();

  /** The maximum heap that a run may allocate, in bytes. */
  default long mostBytes() {
    return 128L << 20;
  }

  /** How many consecutive runs share state. A replay begins with the first of them. */
  default int together() {
    return 1;
  }

  /**
   * Begins a group of runs that share state. The remaining state of the previous group is dropped.
   */
  default void begin(Random random, Tally tally) throws Exception {}

  /** Creates the input of the next run. */
  Trial next(Random random);

  /** Ends a group of runs that share state, and checks the group as a whole. */
  default void end() throws Exception {}

  /** Files that a failure keeps beside the input: the common configuration of the group. */
  default Map<String, byte[]> context() {
    return Map.of();
  }

  @Override
  default void close() throws IOException {}

  /** An input that has not been fed yet. */
  interface Trial {
    /** The bytes of the input, by file name. */
    Map<String, byte[]> files();

    /**
     * Feeds the input.
     *
     * @return the outcome in one or two words
     * @throws Exception an exception that escapes, or an incorrect outcome
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
