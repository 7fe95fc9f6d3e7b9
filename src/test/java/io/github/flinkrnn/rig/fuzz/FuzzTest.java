package io.github.flinkrnn.rig.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The short form of {@code jobs/fuzz.sh}. {@link FuzzITCase} is the part with a broker. */
class FuzzTest {
  private static final long SEED = 20_261_125;

  @TempDir private Path directory;

  /**
   * Each target with its number of runs, and two outcomes that must occur, because otherwise the
   * run would test nothing.
   */
  static Stream<Arguments> targets() {
    return Stream.of(
        Arguments.of("records", 4000, "token", "wrong-type"),
        Arguments.of("controls", 1000, "token", "refused"),
        Arguments.of("job-files", 800, "job", "refused"),
        Arguments.of("safetensors", 1500, "model", "refused"),
        Arguments.of("sharded", 1000, "model", "refused"),
        Arguments.of("parameters", 1500, "model", "refused"),
        Arguments.of("keras", 800, "model", "refused"),
        Arguments.of("h5", 1000, "model", "refused"),
        Arguments.of("weights-h5", 1000, "model", "refused"),
        Arguments.of("onnx", 1500, "model", "refused"),
        Arguments.of("step-onnx", 60, "steps", "refused"));
  }

  /** Many short jobs test more than a few long ones. */
  private Target target(String name) throws Exception {
    return name.equals("records")
        ? new RecordTarget(directory, 200)
        : Fuzz.targets().get(name).make(directory);
  }

  @Timeout(120)
  @ParameterizedTest(name = "{0}")
  @MethodSource("targets")
  void nothingEscapes(String name, int runs, String accepted, String refused) throws Exception {
    Path kept = Path.of("target", "fuzz");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    try (Target target = target(name);
        Watchdog watchdog = new Watchdog(Duration.ofMinutes(2), kept, out, () -> {})) {
      Campaign.Result result = new Campaign(SEED, kept, out, watchdog).run(target, 0, runs);
      assertThat(result.failures()).as("%s", said).isEmpty();
      assertThat(result.runs()).isEqualTo(runs);
      assertThat(result.count(accepted)).as(accepted).isGreaterThan(runs / 50);
      assertThat(result.count(refused)).as(refused).isGreaterThan(runs / 50);
    }
  }
}
