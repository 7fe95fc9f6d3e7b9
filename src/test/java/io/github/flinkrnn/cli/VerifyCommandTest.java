package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The output of {@code verify} and {@code describe} for the reference cases and for others. */
class VerifyCommandTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir private Path directory;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private static RnnModel model(String name) throws IOException {
    return RnnModel.load(GOLDEN.resolve(name).resolve("model"));
  }

  private void verify(String name, Path tokens, Path expected, double tolerance)
      throws IOException, FailedJobException {
    RnnModel model = model(name);
    new VerifyCommand(model, model.stepper(), tokens, expected, tolerance)
        .run(new Console(new PrintStream(said, true, UTF_8), false));
  }

  private void verify(String name, double tolerance) throws IOException, FailedJobException {
    Path golden = GOLDEN.resolve(name);
    verify(name, golden.resolve("tokens.jsonl"), golden.resolve("expected.jsonl"), tolerance);
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkrnn.model.GoldenCase#names")
  void agreesWithEveryReferenceCase(String name) throws Exception {
    verify(name, 2e-5);
    assertThat(said.toString(UTF_8)).contains("agrees   within 2.0E-5").doesNotContain("not in");
  }

  @Test
  void failsAboveTheTolerance() {
    assertThatThrownBy(() -> verify("lstm", 1e-9))
        .isInstanceOf(FailedJobException.class)
        .hasMessage("the model differs by more than 1.0E-9");
  }

  @Test
  void reportsWhereTheLargestDifferenceIs() throws IOException {
    List<String> lines = new ArrayList<>(golden("rnn-relu", "expected.jsonl"));
    lines.set(4, lines.get(4).replaceFirst("\"prediction\": \\[[-0-9.e]+", "\"prediction\": [7"));
    assertThatThrownBy(() -> verify("rnn-relu", tokens("rnn-relu"), write("e.jsonl", lines), 2e-5))
        .isInstanceOf(FailedJobException.class);
    assertThat(said.toString(UTF_8))
        .containsPattern("output +largest difference 0\\.9[0-9]+ \\(relative\\), line 5");
  }

  /** y&lt;t&gt; = 250 relu(x&lt;t&gt;), with one input and one output. */
  private RnnModel scaling() throws IOException {
    return ModelDirectory.in(directory.resolve("scaling"))
        .parameters("{'Waa': [[0]], 'Wax': [[1]], 'Wya': [[250]]}")
        .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}")
        .load();
  }

  private void verifyScaling(String expected, double tolerance) throws Exception {
    Path tokens = write("tokens.jsonl", List.of("{\"key\":\"a\",\"features\":[1]}"));
    Path answers =
        write("e.jsonl", List.of("{\"key\":\"a\",\"t\":1,\"prediction\":[" + expected + "]}"));
    RnnModel model = scaling();
    new VerifyCommand(model, model.stepper(), tokens, answers, tolerance)
        .run(new Console(new PrintStream(said, true, UTF_8), false));
  }

  // float32 has seven digits: near 250, neighbouring numbers are about 2e-5 apart.
  @Test
  void measuresLargeValuesByTheirSize() throws Exception {
    verifyScaling("250.00390625", 2e-5);
    assertThat(said.toString(UTF_8).lines())
        .containsExactly(
            "compared 1 steps of 1 sequences",
            "output   largest difference 1.56e-05 (relative), line 1",
            "hidden   not in the file",
            "agrees   within 2.0E-5");
    assertThatThrownBy(() -> verifyScaling("250.00390625", 1e-5))
        .hasMessage("the model differs by more than 1.0E-5");
    assertThatThrownBy(() -> verifyScaling("0", 249)).isInstanceOf(FailedJobException.class);
  }

  @Test
  void warnsIfAWrongModelCouldAgree() throws Exception {
    String token = "{\"key\":\"a\",\"features\":[%s]}";
    String answer = "{\"key\":\"a\",\"t\":%d,\"prediction\":[%s],\"hidden\":[%s]}";
    RnnModel model = scaling();
    for (boolean withHidden : new boolean[] {true, false}) {
      List<String> tokens = new ArrayList<>();
      List<String> answers = new ArrayList<>();
      for (String x : List.of("1e-8", "2e-8")) {
        tokens.add(token.formatted(x));
        String line = answer.formatted(tokens.size(), Double.parseDouble(x) * 250, x);
        answers.add(withHidden ? line : line.replaceFirst(",.hidden.*]", ""));
      }
      said.reset();
      new VerifyCommand(
              model, model.stepper(), write("t.jsonl", tokens), write("e.jsonl", answers), 2e-5)
          .run(new Console(new PrintStream(said, true, UTF_8), false));
      assertThat(said.toString(UTF_8).lines())
          .endsWith(
              "agrees   within 2.0E-5",
              "note     the expected predictions hardly differ from line to line: a wrong model"
                  + " could agree; "
                  + (withHidden
                      ? "the expected hidden states hardly differ either"
                      : "add hidden to each line of " + directory.resolve("e.jsonl")));
    }
  }

  @Test
  void suggestsHiddenStatesIfPredictionsDoNotDistinguish() throws Exception {
    // The head is all zeros, so every prediction is [0.5, 0.5].
    RnnModel model =
        ModelDirectory.in(directory.resolve("m"))
            .parameters("{'Waa': [[0]], 'Wax': [[1]], 'Wya': [[0], [0]]}")
            .config("{'nonlinearity': 'relu'}")
            .load();
    Path tokens =
        write(
            "t.jsonl",
            List.of("{\"key\":\"a\",\"features\":[1]}", "{\"key\":\"a\",\"features\":[2]}"));
    Path answers =
        write(
            "e.jsonl",
            List.of(
                "{\"key\":\"a\",\"t\":1,\"prediction\":[0.5,0.5],\"hidden\":[1]}",
                "{\"key\":\"a\",\"t\":2,\"prediction\":[0.5,0.5],\"hidden\":[2]}"));
    new VerifyCommand(model, model.stepper(), tokens, answers, 2e-5)
        .run(new Console(new PrintStream(said, true, UTF_8), false));
    assertThat(said.toString(UTF_8).lines())
        .endsWith(
            "note     the expected predictions hardly differ from line to line: a wrong model could"
                + " agree; the hidden states differ enough");
  }

  // The second line has an index for which the graph has no row.
  @Test
  void reportsInOneLineWhatOnnxRuntimeDoesNotAccept() throws Exception {
    ModelDirectory model = ModelDirectory.in(directory.resolve("step"));
    Files.write(model.path("model.onnx"), SmallSteps.tableModel());
    Path tokens =
        write(
            "t.jsonl",
            List.of("{\"key\":\"a\",\"features\":[1]}", "{\"key\":\"a\",\"features\":[7]}"));
    Path answers =
        write(
            "e.jsonl",
            List.of(
                "{\"key\":\"a\",\"t\":1,\"prediction\":[0.5]}",
                "{\"key\":\"a\",\"t\":2,\"prediction\":[0.5]}"));
    try (RnnModel loaded = model.load();
        RnnStepper stepper = loaded.stepper()) {
      assertThatThrownBy(
              () ->
                  new VerifyCommand(loaded, stepper, tokens, answers, 2e-5)
                      .run(new Console(new PrintStream(said, true, UTF_8), false)))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageStartingWith(tokens + ": line 2: not accepted by the model: ")
          .hasMessageContaining("Gather")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void needsNoHiddenStates() throws Exception {
    List<String> lines =
        golden("gru", "expected.jsonl").stream()
            .map(line -> line.replaceFirst(", \"hidden\": \\[[^]]*]", ""))
            .toList();
    verify("gru", tokens("gru"), write("e.jsonl", lines), 2e-5);
    assertThat(said.toString(UTF_8)).contains("hidden   not in the file");
  }

  @ParameterizedTest
  @CsvSource({
    "\"t\": 1, line 1: expected key k0 and t 1, \"t\": 2",
    "\"key\": \"k0\", line 1: expected key k0 and t 1, \"key\": \"other\"",
    "\"prediction\": [, line 1: prediction: expected 4 numbers, \"prediction\": [1",
    "\"hidden\": [, line 1: hidden[0]: expected a number, \"hidden\": [null"
  })
  void rejectsExpectedValuesOfOtherSizes(String part, String problem, String changed)
      throws Exception {
    List<String> lines = new ArrayList<>(golden("gru", "expected.jsonl"));
    String line = lines.get(0).replace(part, changed);
    lines.set(
        0,
        changed.endsWith("[null")
            ? line.replaceFirst("\\[null[^,]*", "[null")
            : line.replace("[10", "[1, 0"));
    Path expected = write("e.jsonl", lines);
    assertThatThrownBy(() -> verify("gru", tokens("gru"), expected, 2e-5))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(expected + ": " + problem);
  }

  @Test
  void rejectsFilesOfDifferentLengths() throws Exception {
    List<String> lines = golden("gru", "expected.jsonl");
    Path shorter = write("shorter.jsonl", lines.subList(0, 3));
    assertThatThrownBy(() -> verify("gru", tokens("gru"), shorter, 2e-5))
        .hasMessage(shorter + ": line 4: missing: expected a line for each token");
    Path tokens = write("tokens.jsonl", golden("gru", "tokens.jsonl").subList(0, 3));
    Path expected = GOLDEN.resolve("gru/expected.jsonl");
    assertThatThrownBy(() -> verify("gru", tokens, expected, 2e-5))
        .hasMessage(expected + ": line 4: expected a line for each token, found one more");
    Path none = write("none.jsonl", List.of());
    assertThatThrownBy(() -> verify("gru", none, none, 2e-5))
        .hasMessage(none + ": line 1: missing: expected a token");
  }

  @Test
  void rejectsAnInvalidToken() throws Exception {
    Path tokens = write("tokens.jsonl", List.of("{\"key\":\"a\",\"features\":[1]}"));
    assertThatThrownBy(() -> verify("gru", tokens, tokens, 2e-5))
        .hasMessage(tokens + ": line 1: wrong-length, features: expected 6 numbers, found 1");
  }

  @Test
  void describesWhatWasRead() throws IOException {
    // The three rows of the head are filled up to a vector.
    int headBytes = Float.BYTES * 16 * lanes();
    String bytes = String.format(Locale.ROOT, "%,d", 2 * (64 * 8 + 64 * 16) + headBytes);
    new DescribeCommand(model("lstm-words-bf16"), new PrintStream(said, true, UTF_8)).run();
    assertThat(said.toString(UTF_8).lines())
        .contains(
            "input          40 words, embedded in 8",
            "cells          lstm, 8 to 16",
            "labels         O, B-PER, I-PER",
            "parameters     2,035",
            "weights        2 of 3 matrices in 16 bits (bfloat16), " + bytes + " bytes in all",
            "state          32 floats per key, 149 bytes serialized",
            "step           1,584 multiply-adds, kernel " + Kernel.best().name(),
            "table          10,240 bytes for the input products of all words",
            "embedding      embedding.weight [40 × 8]",
            "layer 1        lstm, 8 to 16, 1,664 parameters, state of 32, no delay:"
                + " rnn.weight_ih_l0 [64 × 8], rnn.weight_hh_l0 [64 × 16],"
                + " rnn.bias_ih_l0 [64], rnn.bias_hh_l0 [64]",
            "head 1         linear, 16 to 3, 51 parameters, no state, no delay:"
                + " fc.weight [3 × 16], fc.bias [3]");
  }

  private static int lanes() {
    String name = Kernel.best().name(); // simd-512
    return Integer.parseInt(name.substring(name.indexOf('-') + 1)) / Float.SIZE;
  }

  private static Path tokens(String name) {
    return GOLDEN.resolve(name).resolve("tokens.jsonl");
  }

  private static List<String> golden(String name, String file) throws IOException {
    return Files.readAllLines(GOLDEN.resolve(name).resolve(file));
  }

  private Path write(String name, List<String> lines) throws IOException {
    return Files.write(directory.resolve(name), lines);
  }
}
