package io.github.flinkrnn.faults;

/**
 * What is wrong with the predictions that a consumer saw.
 *
 * @param lost tokens without a prediction, though later tokens of their key have one
 * @param duplicated predictions that came before
 * @param outOfOrder predictions that came after one of a later token of their key
 * @param different predictions whose bytes are not the reference's
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
