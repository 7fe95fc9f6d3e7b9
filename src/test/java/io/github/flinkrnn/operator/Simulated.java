package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.List;

/** An operator under simulation, at one of the depths. */
interface Simulated extends AutoCloseable {
  /**
   * Starts the operator, or restarts it.
   *
   * @param snapshot a result of {@link #snapshot}; null for an empty state
   * @param now processing time; no timer has fired yet
   */
  void start(Setup setup, Object snapshot, int parallelism, boolean otherBackend, long now)
      throws Exception;

  /** A token comes. Its step may be computed later, with others. */
  void arrive(Token token) throws Exception;

  /** No more tokens are ready, so all steps are computed. */
  void idle() throws Exception;

  void clock(long now) throws Exception;

  void watermark(long time) throws Exception;

  /** Takes a checkpoint, or a savepoint in the canonical format that every backend can read. */
  Object snapshot(boolean canonical) throws Exception;

  /** The output since the last call, as {@link Simulation} writes it. */
  List<String> takeOutput();

  /** What {@link #takeOutput} must return, given the output of the reference. */
  default List<String> output(List<String> reference) {
    return reference;
  }

  /** The keys with state, sorted. */
  List<String> kept() throws Exception;

  /** The keys with tokens that wait in this order, sorted. */
  List<String> waiting(By by) throws Exception;

  /**
   * The timers of all keys, or only their numbers, in the form that {@link #timers(List)} gives.
   */
  List<String> timers() throws Exception;

  /** What {@link #timers()} must return, given the timers of the reference. */
  default List<String> timers(List<String> reference) {
    return reference;
  }

  @Override
  void close() throws IOException;
}
