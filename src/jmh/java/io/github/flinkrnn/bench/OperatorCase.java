package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.NetworkSize;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A case in which the operator is measured.
 *
 * @param backend hashmap or rocksdb
 * @param isZipf whether the k-th most frequent key has 1/k as many tokens as the first one (Zipf's
 *     law), instead of each key as many; of payments, not the keys but the merchants
 * @param rounds how often each candidate is measured
 */
record OperatorCase(
    NetworkSize network, String backend, int slots, int keys, boolean isZipf, int rounds) {
  private static final int FEW = 10_000;
  private static final int MANY = 1_000_000;

  /** The network that is measured with every backend, the others only on the heap. */
  static final NetworkSize MAIN = NetworkSize.named("RNN 64/32");

  private static final List<NetworkSize> OTHERS =
      Stream.of("LSTM 64/32", "GRU 64/32", "LSTM 256/128").map(NetworkSize::named).toList();

  static List<OperatorCase> all() {
    return Stream.concat(
            Stream.of(
                new OperatorCase(MAIN, "hashmap", 1, FEW, false, 3),
                new OperatorCase(MAIN, "hashmap", 2, FEW, false, 3),
                new OperatorCase(MAIN, "hashmap", 1, MANY, false, 3),
                new OperatorCase(MAIN, "hashmap", 2, MANY, false, 3),
                new OperatorCase(MAIN, "rocksdb", 1, FEW, false, 3),
                new OperatorCase(MAIN, "rocksdb", 2, FEW, false, 3),
                new OperatorCase(MAIN, "rocksdb", 1, MANY, false, 3),
                new OperatorCase(MAIN, "rocksdb", 2, MANY, false, 3),
                new OperatorCase(MAIN, "rocksdb", 1, MANY, true, 3)),
            others(5))
        .toList();
  }

  /**
   * The cases of which a round is possible within three minutes: one slot and few keys. There are
   * more rounds while there is time, so nearly always with {@code --only}.
   */
  static List<OperatorCase> quick() {
    return Stream.concat(
            Stream.of(
                new OperatorCase(MAIN, "hashmap", 1, FEW, false, 3),
                new OperatorCase(MAIN, "rocksdb", 1, FEW, false, 3)),
            others(3))
        .toList();
  }

  private static Stream<OperatorCase> others(int rounds) {
    return OTHERS.stream()
        .map(network -> new OperatorCase(network, "hashmap", 1, FEW, false, rounds));
  }

  /**
   * The words that choose cases on the command line: {@code lstm-64-32} all cases of a network, and
   * {@code hashmap, 1 slot, 10000 keys} the case of the main network there.
   */
  static Set<String> options(List<OperatorCase> cases) {
    Set<String> options = new LinkedHashSet<>();
    cases.forEach(c -> options.add(c.network.option()));
    cases.stream().filter(c -> c.network.equals(MAIN)).forEach(c -> options.add(c.where()));
    return options;
  }

  /** Whether the word, one of {@link #options}, chooses this case. */
  boolean isChosenBy(String option) {
    return network.option().equals(option) || (network.equals(MAIN) && where().equals(option));
  }

  private String where() {
    String many = slots == 1 ? " slot, " : " slots, ";
    return backend + ", " + slots + many + keys + (isZipf ? " Zipf keys" : " keys");
  }

  @Override
  public String toString() {
    return network.name() + ", " + where();
  }
}
