package io.github.flinkrnn.bench;

import java.util.List;

/**
 * A case in which the operator is measured.
 *
 * @param backend hashmap or rocksdb
 * @param rounds how often each function is measured
 */
record OperatorCase(String backend, int slots, int keys, int rounds) {
  private static final int FEW = 10_000;
  private static final int MANY = 1_000_000;

  static List<OperatorCase> all() {
    return List.of(
        new OperatorCase("hashmap", 1, FEW, 3),
        new OperatorCase("hashmap", 2, FEW, 3),
        new OperatorCase("hashmap", 1, MANY, 3),
        new OperatorCase("hashmap", 2, MANY, 3),
        new OperatorCase("rocksdb", 1, FEW, 3),
        new OperatorCase("rocksdb", 2, FEW, 3),
        new OperatorCase("rocksdb", 1, MANY, 3),
        new OperatorCase("rocksdb", 2, MANY, 3));
  }

  /** The cases that are possible within three minutes: one slot, and many keys only on the heap. */
  static List<OperatorCase> quick() {
    return List.of(
        new OperatorCase("hashmap", 1, FEW, 3),
        new OperatorCase("rocksdb", 1, FEW, 2),
        new OperatorCase("hashmap", 1, MANY, 1));
  }

  @Override
  public String toString() {
    return backend + ", " + slots + (slots == 1 ? " slot, " : " slots, ") + keys + " keys";
  }
}
