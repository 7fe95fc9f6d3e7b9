package io.github.flinkrnn.rig.faults;

/**
 * What is wrong with the predictions that a consumer read.
 *
 * @param lost tokens without a prediction, although a later token of their key has one
 * @param duplicated predictions that arrived before
 * @param outOfOrder predictions that arrived after that of a later token of their key
 * @param different predictions whose bytes differ from the reference
 */
public record Counts(long lost, long duplicated, long outOfOrder, long different) {
  public static final Counts NONE = new Counts(0, 0, 0, 0);

  Counts minus(Counts other) {
    return new Counts(
        lost - other.lost,
        duplicated - other.duplicated,
        outOfOrder - other.outOfOrder,
        different - other.different);
  }

  Counts plus(Counts other) {
    return new Counts(
        lost + other.lost,
        duplicated + other.duplicated,
        outOfOrder + other.outOfOrder,
        different + other.different);
  }

  public boolean areNone() {
    return equals(NONE);
  }
}
