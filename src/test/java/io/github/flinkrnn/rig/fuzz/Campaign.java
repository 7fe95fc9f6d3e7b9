package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs a target. The random numbers of each run depend only on the seed, the target and the run
 * number, so any run can be replayed. A run fails if something is thrown, if it takes more than
 * {@link #MOST_NANOS} of processor time of its thread (so that a busy machine does not make it
 * fail), or if it allocates more heap than the target allows. The input of a failure is kept as
 * files.
 */
final class Campaign {
  static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After this many failures a target is stopped, because further ones are probably the same. */
  private static final int MOST_FAILURES = 10;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long seed;
  private final Path kept;
  private final PrintStream out;
  private final Watchdog watchdog;

  /**
   * @param kept the directory for the inputs of failures
   * @param out receives the failures
   * @param watchdog observes what is running
   */
  Campaign(long seed, Path kept, PrintStream out, Watchdog watchdog) {
    this.seed = seed;
    this.kept = kept;
    this.out = out;
    this.watchdog = watchdog;
  }

  /**
   * The result of the runs of a target.
   *
   * @param outcomes how often each outcome occurred
   */
  record Result(
      String target,
      long runs,
      Map<String, Long> outcomes,
      long slowestNanos,
      long slowestRun,
      long largestBytes,
      long largestRun,
      List<String> failures) {
    long count(String outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }

    static String header() {
      return line("target", "runs", "slowest", "run", "most heap", "run", "outcomes");
    }

    /** A line of the table. */
    String line() {
      List<String> each = new ArrayList<>();
      outcomes.entrySet().stream()
          .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
          .forEach(outcome -> each.add(outcome.getKey() + " " + outcome.getValue()));
      if (!failures.isEmpty()) {
        each.add(0, "FAILED " + failures.size());
      }
      return line(
          target,
          String.valueOf(runs),
          String.format("%.1f ms", slowestNanos / 1e6),
          String.valueOf(slowestRun),
          String.format("%.1f MB", largestBytes / 1e6),
          String.valueOf(largestRun),
          String.join(", ", each));
    }

    private static String line(String... words) {
      return String.format("%-12s %8s %10s %8s %10s %8s  %s", (Object[]) words).stripTrailing();
    }
  }

  /** Runs the target {@code runs} times, from number {@code from} on. */
  Result run(Target target, long from, long runs) throws Exception {
    Runs all = new Runs(target, from);
    long group = target.together();
    long end = from + runs;
    // Runs that share state with the first run come before it.
    for (long run = from - from % group; run < end && all.failures.size() < MOST_FAILURES; ) {
      long groupEnd = Math.min(end, run + group);
      run = all.group(run, groupEnd);
    }
    return all.result();
  }

  private final class Runs implements Target.Tally {
    private final Target target;
    private final long from;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private long done;
    private long slowestNanos;
    private long slowestRun;
    private long largestBytes;
    private long largestRun;

    Runs(Target target, long from) {
      this.target = target;
      this.from = from;
    }

    @Override
    public void add(String outcome, long more) {
      outcomes.merge(outcome, more, Long::sum);
    }

    Result result() {
      return new Result(
          target.name(),
          done,
          outcomes,
          slowestNanos,
          slowestRun,
          largestBytes,
          largestRun,
          failures);
    }

    /** Runs that share state, up to the first failure. Returns the number of the next run. */
    long group(long first, long end) {
      Target.Trial trial = null;
      long run = first;
      try {
        watchdog.begins(target, run, Map.of());
        target.begin(random(target.name() + " group", first), this);
        for (; run < end; run++) {
          trial = target.next(random(target.name(), run));
          watchdog.begins(target, run, trial.files());
          String outcome = measured(trial, run);
          if (run >= from) {
            done++;
            add(outcome);
          }
        }
        trial = null;
        watchdog.begins(target, end - 1, Map.of());
        target.end();
        return end;
      } catch (Exception | Error e) {
        failed(Math.min(run, end - 1), trial, e);
        return end; // the state may be inconsistent now
      } finally {
        watchdog.ends();
      }
    }

    private String measured(Target.Trial trial, long run) throws Exception {
      long bytes = THREADS.getCurrentThreadAllocatedBytes();
      long nanos = THREADS.getCurrentThreadCpuTime();
      String outcome = trial.run();
      nanos = THREADS.getCurrentThreadCpuTime() - nanos;
      bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
      if (nanos > slowestNanos) {
        slowestNanos = nanos;
        slowestRun = run;
      }
      if (bytes > largestBytes) {
        largestBytes = bytes;
        largestRun = run;
      }
      Checks.expect(nanos <= MOST_NANOS, "took " + nanos / 1_000_000 + " ms, expected at most 1 s");
      Checks.expect(
          bytes <= target.mostBytes(),
          "allocated " + bytes + " bytes, expected at most " + target.mostBytes());
      return outcome;
    }

    private void failed(long run, Target.Trial trial, Throwable thrown) {
      String directory = target.name() + "-" + seed + "-" + run;
      String what = Checks.shown(thrown.toString());
      failures.add("run " + run + ": " + what);
      out.println(
          target.name()
              + ": run "
              + run
              + ": "
              + what
              + "\n  again: jobs/fuzz.sh --seed "
              + seed
              + " --only "
              + target.name()
              + " --from "
              + run
              + " --runs 1; its input: "
              + kept.resolve(directory));
      Map<String, byte[]> files = new HashMap<>(target.context());
      files.put("stack.txt", stack(thrown).getBytes(UTF_8));
      if (trial != null) {
        files.putAll(trial.files());
      }
      keep(kept.resolve(directory), files);
    }
  }

  static void keep(Path directory, Map<String, byte[]> files) {
    try {
      Files.createDirectories(directory);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(directory.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  /** A generator seeded with SplitMix64 of the seed, the name and the number. */
  private Random random(String name, long run) {
    long z = mixed(mixed(seed + GOLDEN) ^ name.hashCode()) + run * GOLDEN;
    return new Random(mixed(z));
  }

  private static long mixed(long number) {
    long z = number;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
