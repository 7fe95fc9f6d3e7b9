package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invalid step graphs, and invalid options for them. Each gives one line. */
class RefusedStepTest {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  @TempDir private Path directory;
  private ModelDirectory model;

  @BeforeEach
  void emptyConfig() throws IOException {
    model = ModelDirectory.in(directory.resolve("model"));
  }

  /** The message after the name of the file. */
  private String refused(OnnxBytes graph) throws IOException {
    Files.write(model.path("model.onnx"), OnnxBytes.model(graph).bytes());
    return InvalidFile.message(model::load)
        .replace(model.path("model.onnx").toString(), "model.onnx")
        .replace(model.path("config.json").toString(), "config.json");
  }

  private String refused(OnnxBytes graph, String config) throws IOException {
    model.config(config);
    return refused(graph);
  }

  @Test
  void statesMustPairUp() throws IOException {
    OnnxBytes graph =
        SmallSteps.nodes()
            .input("x", FLOAT, -1, 2)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2);
    assertThat(refused(graph))
        .isEqualTo(
            "model.onnx: node 'sum' (Add): expected two vectors of one sequence"
                + StatePairs.PAIR_THEM);
    assertThat(refused(graph, "{'state': {'h': 'h_out'}}"))
        .isEqualTo(
            "config.json: state.h: expected one of the outputs [y] of model.onnx, found 'h_out'");
  }

  @Test
  void stateNamesAreOfTheGraph() throws IOException {
    assertThat(refused(SmallSteps.softsign(), "{'state': {'a': 'h_out'}}"))
        .isEqualTo("config.json: state.a: expected one of the inputs [x, h] of model.onnx");
    assertThat(refused(SmallSteps.softsign(), "{'initial_state': {'a': [0]}}"))
        .isEqualTo(
            "config.json: initial_state: expected one of the states [h] of model.onnx, found 'a'");
    assertThat(refused(SmallSteps.softsign(), "{'output': {'hidden': 'c'}}"))
        .isEqualTo(
            "config.json: output.hidden: expected one of the states [h] of model.onnx, found 'c'");
    assertThat(refused(SmallSteps.softsign(), "{'output': {'tensor': 'p'}}"))
        .isEqualTo(
            "config.json: output.tensor: expected one of the outputs [y, h_out] of model.onnx, found"
                + " 'p'");
  }

  @Test
  void sizesMustFit() throws IOException {
    OnnxBytes graph =
        SmallSteps.nodes()
            .input("x", FLOAT, -1, 2)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2)
            .output("h_out", FLOAT, -1, 3);
    assertThat(refused(graph, "{'state': {'h': 'h_out'}}"))
        .isEqualTo(
            "config.json: state.h: expected two tensors of the same shape and type (float, double,"
                + " int64, int32, bool), found 'h' [? × 2] of float and 'h_out' [? × 3] of float");
    assertThat(refused(SmallSteps.softsign(), "{'initial_state': {'h': [1, 2, 3]}}"))
        .isEqualTo("config.json: initial_state.h: expected 2 numbers for 'h' [? × 2], found 3");
    assertThat(refused(SmallSteps.softsign(), "{'initial_state': {'h': [1, '2']}}"))
        .isEqualTo("config.json: initial_state.h[1]: expected a number, found '2'");
  }

  @Test
  void aFixedBatchSizeIsRejected() throws IOException {
    OnnxBytes graph =
        SmallSteps.nodes()
            .input("x", FLOAT, 32, 2)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2)
            .output("h_out", FLOAT, -1, 2);
    assertThat(refused(graph))
        .isEqualTo(
            "model.onnx: input 'x': expected one token of one sequence, found 'x' [32 × 2]; export it"
                + " with dynamic axes, or with batch and time of size 1");
  }

  @Test
  void theTokenIsOneInputAndTheOutputOne() throws IOException {
    assertThat(refused(SmallSteps.softsign().input("mask", FLOAT, 1)))
        .isEqualTo(
            "model.onnx: expected only the token besides the states [h], found ['x' [? × 2] of float,"
                + " 'mask' [1] of float]; 'mask' cannot be a state: set constants: {IN: NUMBER} in"
                + " config.json, or feed the inputs by input.fields and inputs: {IN: [FIELD]}");
    assertThat(refused(SmallSteps.softsign().input("z", FLOAT, -1, 2)))
        .isEqualTo(
            "model.onnx: expected only the token besides the states [h], found ['x' [? × 2] of float,"
                + " 'z' [? × 2] of float]; set state: {IN: OUT} in config.json");
    assertThat(refused(SmallSteps.softsign().output("z", FLOAT, -1, 2)))
        .isEqualTo(
            "config.json: output.tensor: missing: expected one of the outputs [y, z] of model.onnx");
  }

  @Test
  void idsNeedAVocabularyOfTheSameSize() throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Gather", "embed", List.of("E", "word"), "e"))
            .node(OnnxBytes.node("Add", "sum", List.of("e", "h"), "z"))
            .node(OnnxBytes.node("Softsign", "g", List.of("z"), "h_out"))
            .node(OnnxBytes.node("Identity", "", List.of("z"), "y"))
            .initializer(OnnxBytes.halves("E", 3, 2))
            .input("word", INT64, 1)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2)
            .output("h_out", FLOAT, -1, 2);
    assertThat(refused(graph))
        .isEqualTo(
            "config.json: input.type: expected vocabulary, because model.onnx takes word ids as 'word'");
    model.vocabulary("a", "b", "c", "d");
    assertThat(refused(graph))
        .isEqualTo(
            "config.json: input.file: expected a word for each row of embedding E [3 × 2] in"
                + " model.onnx, found 4 words");
    model.vocabulary("a", "b");
    assertThat(refused(graph))
        .isEqualTo(
            "config.json: input.file: expected a word for each row of embedding E [3 × 2] in"
                + " model.onnx, found 2 words; if id 0 is padding, put a line for it, such as <pad>, at"
                + " the top of vocab.txt");
    model.vocabulary("a", "b", "c");
    model.load().close();
  }

  @Test
  void aBackwardLayerIsRejected() throws IOException {
    OnnxBytes graph =
        SmallSteps.softsign()
            .node(
                OnnxBytes.node("LSTM", "back", List.of("x", "W", "R"), "Y")
                    .attribute("direction", "bidirectional"));
    assertThat(refused(graph))
        .isEqualTo(
            "model.onnx: node 'back' (LSTM): expected direction forward, found bidirectional, which"
                + " reads future tokens");
  }

  @Test
  void anErrorOfTheRuntimeIsOneLine() throws IOException {
    OnnxBytes graph =
        SmallSteps.softsign().node(OnnxBytes.node("Nonsense", "n", List.of("x"), "q"));
    assertThat(refused(graph))
        .startsWith("model.onnx: cannot be run by ONNX Runtime: ")
        .contains("Nonsense");
  }

  @Test
  void theConfigMustAgree() throws IOException {
    assertThat(refused(SmallSteps.softsign(), "{'model_type': 'lstm'}"))
        .isEqualTo(
            "config.json: model_type: expected onnx, because model.onnx is a step graph, found lstm");
    assertThat(refused(SmallSteps.softsign(), "{'output': {'labels': ['a']}}"))
        .isEqualTo(
            "config.json: output.labels: expected as many labels as model.onnx has outputs (2), found"
                + " 1");
  }

  @Test
  void otherFormatsHaveNoStates() throws IOException {
    model.parameters("{'Waa': [[0]], 'Wax': [[0]], 'ba': [0], 'Wya': [[0]], 'by': [0]}");
    model.config("{'state': {'h': 'h_out'}}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "config.json: state: expected only for a step graph, found the weights in"
                + " parameters.json");
  }
}
