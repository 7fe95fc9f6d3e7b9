package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.bench.Circumstances;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.rig.cluster.SuiteCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.FileUtils;

/**
 * The main class of {@code jobs/faults.sh}. Exit status 0 means that nothing was repeated or
 * changed, or lost without a word in the log; 1 that something was, or that the run failed; 2 that
 * the command is invalid.
 */
public final class Faults {
  private static final String USAGE =
      """
      jobs/faults.sh [options]      inject faults into a job on real processes, and compare its predictions bit for bit

        --faults N                  number of faults; default 55
        --seed S                    seed of the load, the faults and their times; default 1
        --rate R                    tokens per second, on 1,000 keys; default 500
        --look-ahead K              a bidirectional model that looks K tokens ahead, with provisional predictions
        --only KIND,KIND            only these kinds, of those below
        --set FIELD=VALUE           an option of the job, such as batch.size=1024 or flink.state.backend.type=hashmap
        --json FILE                 also write the table as JSON
      """;

  private Faults() {}

  public static void main(String[] words) {
    SuiteCommand.exit(words, Faults::status);
  }

  static int status(String[] words, PrintStream out, PrintStream err) {
    return SuiteCommand.status(
        words,
        Set.of("--faults", "--seed", "--rate", "--look-ahead", "--only", "--set", "--json"),
        USAGE + "\nkinds: " + String.join(", ", names()),
        out,
        err,
        arguments -> run(arguments, out, err));
  }

  private static int run(Arguments arguments, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    int faults = (int) SuiteCommand.number(arguments, "--faults", 55, 1, 100_000);
    long seed = SuiteCommand.number(arguments, "--seed", 1, 0, Long.MAX_VALUE);
    long rate = SuiteCommand.number(arguments, "--rate", 500, 1, 100_000);
    int lookAhead =
        arguments.one("--look-ahead").isPresent()
            ? (int) SuiteCommand.number(arguments, "--look-ahead", 0, 0, 1000)
            : -1;
    List<Fault> kinds = kinds(arguments.one("--only"));
    List<String> settings = arguments.all("--set");
    Optional<Path> json = SuiteCommand.json(arguments);
    Path directory = Files.createTempDirectory("flink-rnn-faults-");
    FaultSuite suite =
        new FaultSuite(
            new FaultSuite.Options(
                kinds,
                faults,
                seed,
                rate,
                lookAhead,
                settings,
                directory,
                path("disk"),
                path("other-jar")),
            out);
    out.print(
        Circumstances.of(
                "jobs/faults.sh --faults "
                    + faults
                    + " --seed "
                    + seed
                    + (lookAhead < 0 ? "" : " --look-ahead " + lookAhead)
                    + SuiteCommand.shown(settings))
            + ("load     " + rate + " tokens a second on " + FaultSuite.KEYS + " keys\n\n"));
    boolean well = false;
    try {
      List<FaultRow> rows = suite.run();
      out.println(suite.injected() + " faults, " + suite.tokens() + " tokens");
      if (json.isPresent()) {
        Files.writeString(json.get(), FaultRow.json(rows));
      }
      boolean whole = suite.injected() == faults && rows.size() == faults + 2;
      well = whole && rows.stream().allMatch(r -> r.counts().areSaid());
      return well ? 0 : 1;
    } finally {
      if (well) {
        FileUtils.deleteDirectoryQuietly(directory.toFile());
      } else {
        err.println("flink-rnn: the logs stay in " + directory);
      }
    }
  }

  /** A path from the script. */
  private static Optional<Path> path(String property) {
    return Optional.ofNullable(System.getProperty("flink-rnn." + property))
        .filter(path -> !path.isEmpty())
        .map(Path::of);
  }

  private static List<Fault> kinds(Optional<String> only) {
    if (only.isEmpty()) {
      return FaultPlan.KINDS;
    }
    List<Fault> kinds = new ArrayList<>();
    for (String name : only.get().split(",", -1)) {
      kinds.add(
          FaultPlan.KINDS.stream()
              .filter(kind -> kind.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--only "
                              + name
                              + ": expected kinds of: "
                              + String.join(", ", names()))));
    }
    return kinds;
  }

  private static List<String> names() {
    return FaultPlan.KINDS.stream().map(Fault::name).toList();
  }
}
