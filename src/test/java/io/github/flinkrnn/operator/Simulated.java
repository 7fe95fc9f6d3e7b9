package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.List;

/** An operator under simulation, at one of the depths. */
interface Simulated extends AutoCloseable {
  /**
   * Starts it, or starts it anew.
   *
   * @param snapshot what {@link #snapshot} gave; null for an empty state
   * @param now processing time; no timer has fired yet
   */
  void start(Setup setup, Object snapshot, int parallelism, boolean otherBackend, long now)
      throws Exception;

  void arrive(Token token) throws Exception;

  void clock(long now) throws Exception;

  void watermark(long time) throws Exception;

  /** A checkpoint, or a savepoint in the canonical format that each backend reads. */
  Object snapshot(boolean canonical) throws Exception;

  /** What came out since this was asked last, as {@link Simulation} writes it. */
  List<String> takeOutput();

  /** What {@link #takeOutput} is to be, by the reference's output. */
  default List<String> output(List<String> reference) {
    return reference;
  }

  /** The keys with an entry of state, sorted. */
  List<String> kept() throws Exception;

  /** The keys with tokens that wait in an order, sorted. */
  List<String> waiting(By by) throws Exception;

  /** The timers of all keys, or only their numbers: compared with what {@link #timers} makes. */
  List<String> timers() throws Exception;

  /** What {@link #timers} is to be, by the reference's timers. */
  default List<String> timers(List<String> reference) {
    return reference;
  }

  @Override
  void close() throws IOException;
}
