package io.github.flinkrnn.operator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code jobs/simulate.sh}: simulates a number of histories from a seed on, at a depth. The first
 * history that fails is shrunk and printed with the command that reproduces it. The exit status is
 * then 1.
 */
public final class Simulate {
  private static final String USAGE =
      "usage: jobs/simulate.sh [--histories N] [--seed S] [--depth rules|heap|rocksdb]";
  private static final int EVERY = 10_000;

  static final Map<String, Simulation.Depth> DEPTHS =
      Map.of(
          "rules", SimulatedMemory::new,
          "heap", simulation -> new SimulatedHarness(simulation, false),
          "rocksdb", simulation -> new SimulatedHarness(simulation, true));
  private static final Map<String, Long> HISTORIES =
      Map.of("rules", 1_000_000L, "heap", 20_000L, "rocksdb", 200L);

  private Simulate() {}

  /** Runs the command. */
  public static void main(String[] args) throws Exception {
    System.exit(run(args));
  }

  static int run(String... args) throws Exception {
    long histories = -1;
    long seed = 1;
    String depth = "rules";
    for (int i = 0; i < args.length; i += 2) {
      String value = i + 1 < args.length ? args[i + 1] : "";
      try {
        switch (args[i]) {
          case "--histories" -> histories = Long.parseUnsignedLong(value);
          case "--seed" -> seed = Long.parseLong(value);
          case "--depth" -> depth = value;
          default -> throw new IllegalArgumentException(args[i]);
        }
      } catch (IllegalArgumentException e) {
        System.err.println(USAGE);
        return 2;
      }
    }
    if (!DEPTHS.containsKey(depth)) {
      System.err.println(USAGE);
      return 2;
    }
    return run(histories < 0 ? HISTORIES.get(depth) : histories, seed, depth);
  }

  private static int run(long histories, long first, String depth) throws Exception {
    Path directory = Files.createTempDirectory("flink-rnn-simulation");
    try (Simulation simulation = new Simulation(directory)) {
      long begun = System.nanoTime();
      for (long seed = first; seed < first + histories; seed++) {
        try {
          simulation.run(seed, DEPTHS.get(depth));
        } catch (Simulation.Divergence | RuntimeException failed) {
          System.out.println(failed.getMessage());
          System.out.println(
              "again: jobs/simulate.sh --histories 1 --seed " + seed + " --depth " + depth);
          if (!(failed instanceof Simulation.Divergence)) {
            failed.printStackTrace(System.out);
          }
          return 1;
        }
        if ((seed - first + 1) % EVERY == 0) {
          System.err.println(seed - first + 1 + " histories");
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%,d histories from seed %d at depth %s: none failed, in %.0f s%n",
          histories,
          first,
          depth,
          (System.nanoTime() - begun) / 1e9);
      return 0;
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
