package io.github.flinkrnn.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.bench.Circumstances;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code jobs/faults.sh} runs. Exit status 0 when nothing was lost, repeated or changed, 1
 * when something was or the run failed, 2 when it could not start for something its user wrote.
 */
public final class Faults {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);
  private static final String USAGE =
      """
      jobs/faults.sh [options]      strikes at a job on real processes, and compares what it predicts bit for bit

        --faults N                  how many faults; 55
        --seed S                    of the load, the faults and their moments; 1
        --rate R                    tokens a second, on 1,000 keys; 500
        --only KIND,KIND            these kinds alone, of those below
        --json FILE                 the table as JSON
      """;

  private Faults() {}

  public static void main(String[] words) {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    // Whatever else prints must not come among the figures.
    System.setOut(System.err);
    System.exit(status(words, out, System.err));
  }

  static int status(String[] words, PrintStream out, PrintStream err) {
    try {
      Arguments arguments =
          Arguments.parse(
              words, Set.of("--faults", "--seed", "--rate", "--only", "--json"), Set.of("--help"));
      if (arguments.has("--help")) {
        out.println(USAGE + "\nkinds: " + String.join(", ", names()));
        return 0;
      }
      return run(arguments, out, err);
    } catch (UsageException e) {
      err.println("flink-rnn: " + e.getMessage());
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("flink-rnn: interrupted");
      return 1;
    } catch (IOException | RuntimeException e) {
      LOG.error("The run failed", e);
      err.println("flink-rnn: " + e.getMessage());
      return 1;
    }
  }

  private static int run(Arguments arguments, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    if (!arguments.rest().isEmpty()) {
      throw new UsageException(arguments.rest().get(0) + ": expected options alone");
    }
    int faults = (int) number(arguments, "--faults", 55, 1, 100_000);
    long seed = number(arguments, "--seed", 1, 0, Long.MAX_VALUE);
    long rate = number(arguments, "--rate", 500, 1, 100_000);
    List<Fault> kinds = kinds(arguments.one("--only"));
    Optional<Path> json = arguments.one("--json").map(Path::of);
    if (json.isPresent() && !Files.isDirectory(json.get().toAbsolutePath().getParent())) {
      throw new UsageException("--json " + json.get() + ": expected a file in a directory");
    }
    Path directory = Files.createTempDirectory("flink-rnn-faults-");
    FaultSuite suite =
        new FaultSuite(
            new FaultSuite.Options(
                kinds, faults, seed, rate, directory, path("disk"), path("other-jar")),
            out);
    out.print(
        Circumstances.of("jobs/faults.sh --faults " + faults + " --seed " + seed)
            + ("load     " + rate + " tokens a second on " + FaultSuite.KEYS + " keys\n\n"));
    boolean well = false;
    try {
      List<FaultRow> rows = suite.run();
      out.println(suite.blows() + " faults, " + suite.tokens() + " tokens");
      if (json.isPresent()) {
        Files.writeString(json.get(), FaultRow.json(rows));
      }
      boolean whole = suite.blows() == faults && rows.size() == faults + 2;
      well = whole && rows.stream().allMatch(r -> r.counts().areNone());
      return well ? 0 : 1;
    } finally {
      if (well) {
        FileUtils.deleteDirectoryQuietly(directory.toFile());
      } else {
        err.println("flink-rnn: the logs stay in " + directory);
      }
    }
  }

  /** A path that the script passes on. */
  private static Optional<Path> path(String property) {
    return Optional.ofNullable(System.getProperty("flink-rnn." + property))
        .filter(path -> !path.isEmpty())
        .map(Path::of);
  }

  private static long number(
      Arguments arguments, String option, long otherwise, long least, long most) {
    String text = arguments.one(option).orElse(String.valueOf(otherwise));
    if (text.matches("\\d{1,18}")) {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new UsageException(
        option + " " + text + ": expected a whole number from " + least + " to " + most);
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
