package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/** The arguments and the output of the command. */
class FuzzCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int status(String... words) {
    return Fuzz.status(words, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void aMistakeIsOneLineAndStartsNothing() {
    assertThat(status("--runs", "-1")).isEqualTo(2);
    assertThat(status("--seeds", "3")).isEqualTo(2);
    assertThat(status("--only", "records,models")).isEqualTo(2);
    assertThat(status("now")).isEqualTo(2);
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines())
        .containsExactly(
            "flink-rnn: --runs -1: expected an integer from 0 to 2147483647",
            "flink-rnn: --seeds: unknown option (did you mean --seed?)",
            "flink-rnn: --only models: expected targets of: records, controls, job-files,"
                + " safetensors, sharded, parameters, keras, h5, weights-h5, onnx, step-onnx, topics",
            "flink-rnn: now: expected only options");
  }

  @Test
  void helpNamesEveryTarget() {
    assertThat(status("--help")).isZero();
    assertThat(out.toString(UTF_8)).contains("--runs N", "--seed S", "--from N", "step-onnx");
  }

  @Test
  void aTargetIsALine() {
    assertThat(status("--only", "parameters", "--runs", "20", "--seed", "7")).isZero();
    assertThat(out.toString(UTF_8).lines().reduce((a, b) -> b).orElseThrow())
        .matches("parameters +20 +[0-9.]+ ms +\\d+ +[0-9.]+ MB +\\d+ +refused \\d+, model \\d+");
    assertThat(err.toString(UTF_8)).isEmpty();
  }
}
