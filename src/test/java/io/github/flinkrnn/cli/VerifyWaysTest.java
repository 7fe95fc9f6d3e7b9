package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.keras.KerasFiles;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify} for a model whose file fixes its number of steps to 3, with sequences of 12. */
class VerifyWaysTest {
  private static final int STEPS = 3;
  private static final Path CASE = Path.of("src/test/resources/keras/simple-rnn");

  @TempDir private Path directory;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private RnnModel model;

  @BeforeEach
  void fixTheSteps() throws IOException {
    Path of = Files.createDirectory(directory.resolve("model"));
    Files.write(of.resolve("model.keras"), KerasFiles.withSteps("simple-rnn", STEPS));
    model = RnnModel.load(of);
  }

  private List<String> verify(Path expected, double tolerance) throws Exception {
    new VerifyCommand(model, model.stepper(), CASE.resolve("tokens.jsonl"), expected, tolerance)
        .run(new Console(new PrintStream(said, true, UTF_8), false));
    return said.toString(UTF_8).lines().toList();
  }

  /** What the framework computes from the last three tokens; nothing before there are three. */
  private Path ofWindows(String withoutPrediction) throws IOException {
    Map<String, List<float[]>> windows = new HashMap<>();
    List<String> lines = new ArrayList<>();
    RnnStepper stepper = model.stepper();
    for (GoldenCase.Step step : GoldenCase.of("keras", "simple-rnn").steps()) {
      List<float[]> window = windows.computeIfAbsent(step.key(), key -> new ArrayList<>());
      window.add(step.features());
      float[] state = model.initialState();
      for (float[] x : window.subList(Math.max(0, window.size() - STEPS), window.size())) {
        float[] next = new float[state.length];
        stepper.step(x, state, next);
        state = next;
      }
      String prediction =
          window.size() < STEPS
              ? withoutPrediction
              : ", \"prediction\": " + Arrays.toString(stepper.prediction(stepper.logits(state)));
      lines.add("{\"key\": \"" + step.key() + "\", \"t\": " + step.t() + prediction + "}");
    }
    return Files.write(directory.resolve("windows.jsonl"), lines);
  }

  @Test
  void reportsThatCarryingAgrees() throws Exception {
    List<String> lines = verify(CASE.resolve("expected.jsonl"), 2e-5);
    assertThat(lines)
        .hasSize(5)
        .startsWith(
            "compared 36 steps of 3 sequences",
            "steps    3, fixed by the file: compared in both ways")
        .endsWith("agrees   with the state carried, within 2.0E-5: a job without sequence.window");
    assertThat(lines.get(2))
        .matches(
            "carried  output: largest difference [0-9.]+e-0[78] \\(absolute\\), line [0-9]+;"
                + " hidden: largest difference [0-9.]+e-0[78] \\(absolute\\), line [0-9]+");
    assertThat(lines.get(3)).matches("windows  output: largest difference 0\\..*; hidden: .*");
  }

  @Test
  void reportsThatWindowsAgree() throws Exception {
    for (String without : List.of("", ", \"prediction\": null")) {
      said.reset();
      List<String> lines = verify(ofWindows(without), 2e-5);
      assertThat(lines.get(3))
          .matches(
              "windows  output: largest difference [0-9.]+e-08 \\(absolute\\), line 18; hidden: not in"
                  + " the file");
      assertThat(lines.get(4))
          .isEqualTo("agrees   over windows of 3, within 2.0E-5: a job with sequence.window: 3");
    }
  }

  @Test
  void reportsThatBothAgree() throws Exception {
    assertThat(verify(CASE.resolve("expected.jsonl"), 2))
        .contains("agrees   in both ways, within 2.0: these lines do not distinguish them");
  }

  @Test
  void failsIfNeitherAgrees() throws Exception {
    Path windows = ofWindows("");
    Files.writeString(windows, Files.readString(windows).replace("[0.", "[1."));
    assertThatThrownBy(() -> verify(windows, 2e-5))
        .isInstanceOf(FailedJobException.class)
        .hasMessage(
            "the model differs by more than 2.0E-5, with the state carried and over windows of 3");
  }

  // Only a window that is not full may lack a prediction.
  @Test
  void expectsAPredictionOfEveryFullWindow() throws Exception {
    Path windows = ofWindows("");
    String lines =
        Files.readString(windows).replaceAll("\"t\": 3, \"prediction\"", "\"t\": 3, \"p\"");
    Files.writeString(windows, lines);
    assertThatThrownBy(() -> verify(windows, 2e-5))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(windows + ": line 4: prediction: expected 3 numbers");
  }

  @Test
  void describeSaysWhatFollows() throws IOException {
    new DescribeCommand(model, new PrintStream(said, true, UTF_8)).run();
    assertThat(said.toString(UTF_8).lines())
        .contains(
            "steps          3, fixed by the file: its framework predicts from windows of 3 tokens,"
                + " but a job carries the state; sequence.window: 3 gives the framework's results");
  }
}
