package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mistake in a command gives one line and exit status 2, and nothing is measured. */
class BenchTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... words) {
    return Bench.status(
        words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "'',                              'expected one of steps, operator, kafka, picture'",
    "stepps,                          'expected one of steps, operator, kafka, picture'",
    "steps operator,                  'operator: expected only options after steps'",
    "steps --quik,                    '--quik: unknown option (did you mean --quick?)'",
    "steps --json,                    '--json: missing: expected a value'",
    "steps --json a --json b,         '--json: expected one value, found 2'",
    "steps --json none/there.json,    '--json none/there.json: expected a file in a directory'",
    "kafka --svg src,                 '--svg src: expected a file in a directory'",
    "steps --only fields,             '--only: expected only with operator or kafka'",
    "picture --svg p.svg,             'picture: expected files of figures, and --svg FILE'",
    "picture none.json --svg p.svg,   'none.json: no such file'"
  })
  void aMistakeIsOneLine(String command, String line) {
    assertThat(run(command.isEmpty() ? new String[0] : command.split(" "))).isEqualTo(2);

    assertThat(err.toString(UTF_8)).isEqualTo("flink-rnn: " + line + System.lineSeparator());
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void anUnknownCaseIsOneLineOfAllCases() {
    assertThat(run("operator", "--quick", "--only", "lstm-64")).isEqualTo(2);

    assertThat(err.toString(UTF_8))
        .isEqualTo(
            "flink-rnn: --only lstm-64: expected one of fields; sql; look-ahead; rnn-64-32; lstm-64-32;"
                + " gru-64-32; lstm-256-128; hashmap, 1 slot, 10000 keys; rocksdb, 1 slot, 10000"
                + " keys"
                + System.lineSeparator());
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void figuresOfSeveralFilesBecomeOnePicture(@TempDir Path directory) throws Exception {
    Figures steps = new Figures();
    steps.add(new Figures.Row("GRU 64/32").put("ratio", 15.75));
    Path figures = Files.writeString(directory.resolve("steps.json"), steps.json());
    Path svg = directory.resolve("steps.svg");

    assertThat(run("picture", figures.toString(), figures.toString(), "--svg", svg.toString()))
        .isZero();

    assertThat(Files.readString(svg)).startsWith("<svg ").contains("GRU 64/32");
  }
}
