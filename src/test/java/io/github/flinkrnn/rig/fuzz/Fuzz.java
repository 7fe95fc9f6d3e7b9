package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.bench.Circumstances;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.rig.cluster.SuiteCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.util.FileUtils;

/**
 * The main class of {@code jobs/fuzz.sh}. Exit status 0 means that nothing escaped and nothing
 * exceeded its limits of time and memory; 1 that something did; 2 that the command is invalid.
 */
public final class Fuzz {
  private static final String USAGE =
      """
      jobs/fuzz.sh [options]        feed hostile records, model files and job files, and check the outcome of each

        --runs N                    runs of each target; default that of its long form
        --seed S                    seed of all inputs; default 1
        --only TARGET,TARGET        only these targets, of those below
        --from N                    number of the first run, to replay one; default 0
      """;

  /** No single input takes this long, but a job on a broker may take minutes. */
  private static final Duration MOST = Duration.ofMinutes(5);

  private static final Path KEPT = Path.of("target", "fuzz");
  private static final Path RESOURCES = Path.of("src", "test", "resources");
  private static final int RECORDS_IN_A_HARNESS = 1000;
  private static final int RECORDS_A_JOB = 5000;

  private Fuzz() {}

  /** Creates a target, with its own directory. */
  @FunctionalInterface
  interface Maker {
    Target make(Path directory) throws Exception;
  }

  /** Every target by its name, in the order in which they run. */
  static Map<String, Maker> targets() {
    Map<String, Maker> targets = new LinkedHashMap<>();
    targets.put("records", directory -> new RecordTarget(directory, RECORDS_IN_A_HARNESS));
    targets.put("controls", ControlTarget::new);
    targets.put("job-files", JobFileTarget::new);
    for (ModelTarget.Format format : ModelTarget.Format.values()) {
      targets.put(format.target(), directory -> new ModelTarget(format, RESOURCES));
    }
    targets.put("step-onnx", directory -> new StepTarget(RESOURCES));
    targets.put("topics", directory -> new TopicTarget(directory, RECORDS_A_JOB));
    return targets;
  }

  public static void main(String[] words) {
    SuiteCommand.exit(words, Fuzz::status);
  }

  static int status(String[] words, PrintStream out, PrintStream err) {
    return SuiteCommand.status(
        words,
        Set.of("--runs", "--seed", "--only", "--from"),
        USAGE + "\ntargets: " + String.join(", ", targets().keySet()),
        out,
        err,
        arguments -> run(arguments, out));
  }

  private static int run(Arguments arguments, PrintStream out) throws IOException {
    long runs = SuiteCommand.number(arguments, "--runs", 0, 0, Integer.MAX_VALUE);
    long seed = SuiteCommand.number(arguments, "--seed", 1, 0, Long.MAX_VALUE);
    long from = SuiteCommand.number(arguments, "--from", 0, 0, Integer.MAX_VALUE);
    Map<String, Maker> chosen = chosen(arguments);
    out.println(
        Circumstances.of("jobs/fuzz.sh --seed " + seed + (runs > 0 ? " --runs " + runs : "")));
    out.println(Campaign.Result.header());
    Path directory = Files.createTempDirectory("flink-rnn-fuzz-");
    boolean well = true;
    try (Watchdog watchdog = new Watchdog(MOST, KEPT, out, () -> Runtime.getRuntime().halt(1))) {
      Campaign campaign = new Campaign(seed, KEPT, out, watchdog);
      for (Map.Entry<String, Maker> each : chosen.entrySet()) {
        Path own = Files.createDirectory(directory.resolve(each.getKey()));
        try (Target target = each.getValue().make(own)) {
          Campaign.Result result = campaign.run(target, from, runs > 0 ? runs : target.runs());
          out.println(result.line());
          well &= result.failures().isEmpty();
        }
      }
      return well ? 0 : 1;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      FileUtils.deleteDirectoryQuietly(directory.toFile());
    }
  }

  private static Map<String, Maker> chosen(Arguments arguments) {
    Map<String, Maker> all = targets();
    if (arguments.one("--only").isEmpty()) {
      return all;
    }
    Map<String, Maker> chosen = new LinkedHashMap<>();
    for (String name : List.of(arguments.one("--only").get().split(",", -1))) {
      if (!all.containsKey(name)) {
        throw new UsageException(
            "--only " + name + ": expected targets of: " + String.join(", ", all.keySet()));
      }
      chosen.put(name, all.get(name));
    }
    return chosen;
  }
}
