package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a campaign counts as a failure, keeps, and replays. */
class CampaignTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TempDir private Path kept;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<String> fed = new ArrayList<>();

  /** The behaviour of a run with this number. */
  @FunctionalInterface
  private interface Run {
    String of(int number) throws Exception;
  }

  private Campaign.Result run(long from, long runs, int together, Run run) throws Exception {
    PrintStream out = new PrintStream(said, true, UTF_8);
    try (Watchdog watchdog = new Watchdog(Duration.ofMinutes(1), kept, out, () -> {})) {
      return new Campaign(3, kept, out, watchdog).run(target(together, run), from, runs);
    }
  }

  /** A target that numbers its runs within a group, and uses a random number as input. */
  private Target target(int together, Run run) {
    return new Target() {
      private int number;

      @Override
      public String name() {
        return "test";
      }

      @Override
      public int runs() {
        return 10;
      }

      @Override
      public long mostBytes() {
        return 10 << 20;
      }

      @Override
      public int together() {
        return together;
      }

      @Override
      public void begin(Random random, Tally tally) {
        number = 0;
        fed.add("group " + random.nextInt(100));
      }

      @Override
      public Trial next(Random random) {
        String input = String.valueOf(random.nextInt(100));
        return new Trial() {
          @Override
          public Map<String, byte[]> files() {
            return Map.of("input", input.getBytes(UTF_8));
          }

          @Override
          public String run() throws Exception {
            fed.add(input);
            return run.of(number++);
          }
        };
      }
    };
  }

  @Test
  void aRunIsReplayedWithItsGroup() throws Exception {
    assertThat(run(0, 12, 4, n -> "done").outcomes()).isEqualTo(Map.of("done", 12L));
    List<String> all = List.copyOf(fed);
    fed.clear();
    assertThat(run(6, 1, 4, n -> "done").runs()).isEqualTo(1);
    assertThat(fed).isEqualTo(all.subList(5, 9)); // the second group, up to its third run
  }

  @Test
  void anEscapedExceptionIsReportedAndKept() throws Exception {
    Campaign.Result result =
        run(
            0,
            8,
            4,
            n -> {
              if (n == 2) {
                throw new IllegalStateException("broken\u001b[31m");
              }
              return "done";
            });
    assertThat(result.count("done")).isEqualTo(4);
    assertThat(result.failures())
        .containsExactly(
            "run 2: java.lang.IllegalStateException: broken\\u001B[31m",
            "run 6: java.lang.IllegalStateException: broken\\u001B[31m");
    assertThat(said.toString(UTF_8))
        .contains("again: jobs/fuzz.sh --seed 3 --only test --from 6 --runs 1; its input: ");
    assertThat(Files.readString(kept.resolve("test-3-6/input"))).isEqualTo(fed.get(7));
    assertThat(kept.resolve("test-3-6/stack.txt")).exists();
    assertThat(result.line()).contains("FAILED 2, done 4");
  }

  @Test
  void tooMuchHeapIsAFailure() throws Exception {
    Campaign.Result result = run(0, 1, 1, n -> new byte[20 << 20].length + " bytes");
    assertThat(result.failures())
        .singleElement()
        .asString()
        .matches("run 0: .*allocated 20\\d{6} bytes, expected at most 10485760");
  }

  @Test
  void tooMuchTimeIsAFailure() throws Exception {
    Campaign.Result result =
        run(
            0,
            1,
            1,
            n -> {
              Random random = new Random(1);
              long sum = 0;
              // Runs until the CPU clock of the thread has advanced enough.
              long begun = THREADS.getCurrentThreadCpuTime();
              while (THREADS.getCurrentThreadCpuTime() - begun <= Campaign.MOST_NANOS) {
                sum += random.nextInt(10);
              }
              return sum > 0 ? "done" : "nothing";
            });
    assertThat(result.failures())
        .singleElement()
        .asString()
        .matches("run 0: .*took 1\\d{3} ms, expected at most 1 s");
  }
}
