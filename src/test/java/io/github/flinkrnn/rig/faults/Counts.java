package io.github.flinkrnn.rig.faults;

/**
 * What is wrong with the predictions that a consumer read.
 *
 * @param lost tokens without a prediction, although a later token of their key has one, and
 *     although the log does not say so
 * @param lostAndSaid tokens without a prediction whose transaction the log says to be lost
 * @param saidInVain transactions that the log says to be lost, although none of their predictions
 *     is missing
 * @param duplicated predictions that arrived before
 * @param outOfOrder predictions that arrived after that of a later token of their key
 * @param different predictions whose bytes differ from the reference
 */
public record Counts(
    long lost,
    long lostAndSaid,
    long saidInVain,
    long duplicated,
    long outOfOrder,
    long different) {
  public static final Counts NONE = new Counts(0, 0, 0, 0);

  /** Without losses that the log says. */
  public Counts(long lost, long duplicated, long outOfOrder, long different) {
    this(lost, 0, 0, duplicated, outOfOrder, different);
  }

  Counts minus(Counts other) {
    return new Counts(
        lost - other.lost,
        lostAndSaid - other.lostAndSaid,
        saidInVain - other.saidInVain,
        duplicated - other.duplicated,
        outOfOrder - other.outOfOrder,
        different - other.different);
  }

  Counts plus(Counts other) {
    return new Counts(
        lost + other.lost,
        lostAndSaid + other.lostAndSaid,
        saidInVain + other.saidInVain,
        duplicated + other.duplicated,
        outOfOrder + other.outOfOrder,
        different + other.different);
  }

  public boolean areNone() {
    return equals(NONE);
  }

  /** Whether nothing is wrong but losses that the log says. */
  boolean areSaid() {
    return minus(new Counts(0, lostAndSaid, 0, 0, 0, 0)).areNone();
  }
}
