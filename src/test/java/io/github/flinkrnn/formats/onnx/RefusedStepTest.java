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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            "model.onnx: node 'back' (LSTM): expected direction forward in a step graph, found"
                + " bidirectional, which reads later tokens; export a graph of the whole sequence");
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
            "config.json: state: expected only for an ONNX model, found the weights in"
                + " parameters.json");
  }

  /** h_out = Softsign(x + h + d), y = h_out - 1, and a count of steps. */
  private static OnnxBytes several() {
    return new OnnxBytes()
        .node(OnnxBytes.node("Add", "", List.of("x", "h"), "xh"))
        .node(OnnxBytes.node("Add", "", List.of("xh", "d"), "z"))
        .node(OnnxBytes.node("Softsign", "", List.of("z"), "h_out"))
        .node(OnnxBytes.node("Sub", "", List.of("h_out", "one"), "y"))
        .node(OnnxBytes.node("Identity", "", List.of("n"), "n_out"))
        .node(OnnxBytes.node("Identity", "", List.of("sr"), "rate"))
        .initializer(OnnxBytes.halves("one", 1, 2))
        .input("x", FLOAT, -1, 2)
        .input("d", FLOAT, -1, 1)
        .input("sr", INT64)
        .input("h", FLOAT, -1, 2)
        .input("n", INT64)
        .output("y", FLOAT, -1, 2)
        .output("rate", INT64)
        .output("h_out", FLOAT, -1, 2)
        .output("n_out", INT64);
  }

  private static final String FIELDS = "'input': {'fields': ['a', 'b', 'gap']}, ";
  private static final String RATE = "'constants': {'sr': 8}, ";
  private static final String BOTH = "'inputs': {'x': ['a', 'b'], 'd': ['gap']}, ";
  private static final String HEADS =
      "'outputs': [{'name': 'y', 'tensor': 'y'}, {'name': 'r', 'tensor': 'rate'}]";

  @Test
  void theWholeConfigIsRight() throws IOException {
    Files.write(model.path("model.onnx"), OnnxBytes.model(several()).bytes());
    model.config("{" + FIELDS + RATE + BOTH + HEADS + "}").load().close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'inputs': {'x': ['a', 'b'], 'e': ['gap']} | inputs.e: expected one of the inputs [x, d, sr, h, n] of model.onnx, found 'e'
          'inputs': {'x': ['a', 'b'], 'h': ['gap']}, 'state': {'h': 'h_out', 'n': 'n_out'} | inputs.h: expected an input that is no state, found 'h'
          'inputs': {'x': ['a', 'b'], 'sr': ['gap']} | inputs.sr: expected fields or a constant, found both
          'inputs': {'x': ['a', 'c'], 'd': ['gap']} | inputs.x: expected fields of input.fields [a, b, gap], found 'c'
          'inputs': {'x': ['a', 'b'], 'd': ['b']}   | inputs.d: expected each field once, found 'b' also in 'x'
          'inputs': {'x': ['a', 'b']}               | inputs: expected each input of model.onnx to be a state, a constant or fed by fields, found 'd' [? × 1] of float without a value
          'inputs': {'x': ['a', 'gap', 'b'], 'd': []} | inputs.d: expected an array of fields, found none
          'inputs': {'x': ['a', 'gap'], 'd': ['b'], 'n': []} | inputs.n: expected an array of fields, found none
          'inputs': {'x': ['a', 'a'], 'd': ['gap']} | inputs.x: expected distinct elements, found 'a' twice
          'inputs': {'x': ['a'], 'd': ['gap']}      | inputs: expected each of input.fields in one input, found 'b' in none
          'inputs': {'x': ['a', 'b', 'gap'], 'd': ['b']} | inputs.d: expected each field once, found 'b' also in 'x'
          'inputs': {'d': ['a', 'b'], 'x': ['gap']} | inputs.x: expected 2 numbers for 'x' [? × 2] of model.onnx, found 1: gap 1
          'inputs': []                              | inputs: expected an object, found an array
          """)
  void aMistakeInInputsIsNamed(String inputs, String problem) throws IOException {
    assertThat(refused(several(), "{" + FIELDS + RATE + inputs + ", " + HEADS + "}"))
        .isEqualTo("config.json: " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'sr': 8, 'mask': 1}   | .mask: expected one of the inputs [x, d, sr, h, n] of model.onnx, found 'mask'
          {'sr': 8.5}            | .sr: expected an integer from -2^63 to 2^63 - 1 for 'sr' [] of int64, found 8.5
          {'sr': 9223372036854775808} | .sr: expected an integer from -2^63 to 2^63 - 1 for 'sr' [] of int64, found 9223372036854775808
          {'sr': 1e999999999}    | .sr: expected an integer from -2^63 to 2^63 - 1 for 'sr' [] of int64, found Infinity
          {'sr': true}           | .sr: expected an integer from -2^63 to 2^63 - 1 for 'sr' [] of int64, found true
          {'sr': '8'}            | .sr: expected a number, found '8'
          {'sr': [8]}            | .sr: expected the shape of 'sr' [], found [1]
          {'sr': []}             | .sr: expected at least one number, found none
          {'sr': [[1, 2], [3]]}  | .sr[1]: expected an array of 2, found one of 1
          {'sr': null}           | .sr: missing: expected a value
          {'sr': [[[[[[[[[1]]]]]]]]]} | .sr: expected at most 8 dimensions, found more
          {'sr': 8, 'd': [1, 2, 3], 'x': [1]} | .x: expected the shape of 'x' [? × 2], found [1]
          {'sr': 8, 'd': 1, 'x': [[1, 1e39]]} | .x[0][1]: expected a finite float32 number for 'x' [? × 2] of float, found 1.0E39
          8                      | : expected an object, found 8
          """)
  void aMistakeInConstantsIsNamed(String constants, String problem) throws IOException {
    assertThat(
            refused(several(), "{" + FIELDS + BOTH + HEADS + ", 'constants': " + constants + "}"))
        .isEqualTo("config.json: constants" + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'outputs': [{'name': 'a'}]                    | outputs[0].tensor: missing: expected one of the outputs [y, rate] of model.onnx
          'outputs': [{'name': 'a', 'tensor': 'z'}]     | outputs[0].tensor: expected one of the outputs [y, rate] of model.onnx, found 'z'
          'outputs': [{'name': 'a', 'tensor': 'y'}, {'name': 'b', 'tensor': 'h_out'}] | outputs[1].tensor: expected one of the outputs [y, rate] of model.onnx, found 'h_out', which is a state
          'outputs': [{'name': 'a', 'tensor': 'y'}, {'name': 'b', 'tensor': 'y'}] | outputs[1].tensor: expected another output than that of outputs[0]
          'outputs': [{'name': 'a', 'tensor': 'y', 'layers': ['fc']}] | outputs[0].layers: expected only for a state_dict, found the weights in model.onnx
          'state': {'h': 'h_out', 'n': 'h_out'}         | state.n: expected another output than that of 'h', found 'h_out'
          'state': {'n': 'y'}                           | state.n: expected two tensors of the same shape and type (float, double, int64, int32, bool), found 'n' [] of int64 and 'y' [? × 2] of float
          'state': {'h': 'h_out', 'n': 'n_out'}, 'output': {'tensor': 'y', 'hidden': 'n'} | output.hidden: expected a state of float, found 'n' [] of int64
          'initial_state': {'n': [1.5]}                 | initial_state.n[0]: expected an integer from -2^63 to 2^63 - 1 for 'n' [] of int64, found 1.5
          'initial_state': {'h': [[1], [2]]}            | initial_state.h: expected one array of numbers, or the shape of 'h' [? × 2], found [2 × 1]
          """)
  void aMistakeInStatesAndHeadsIsNamed(String names, String problem) throws IOException {
    String heads = names.contains("'output") ? "" : ", " + HEADS;
    assertThat(refused(several(), "{" + FIELDS + RATE + BOTH + names + heads + "}"))
        .isEqualTo("config.json: " + problem);
  }

  /** An input of integers takes no fractions, and one of booleans no categories. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          7 | {'name': 'a', 'scale': {'mean': 1, 'std': 2}} | expected categories, numbers and vectors without a scale for 'x' [1] of int64, found 'a'
          7 | {'type': 'elapsed', 'name': 'a'}, {'name': 'b', 'type': 'vector', 'size': 2} | expected categories, numbers and vectors without a scale for 'x' [1] of int64, found 'a'
          7 | {'name': 'a', 'missing': 0.5} | expected missing of 'a' to be an integer from -16777216 to 16777216 for 'x' [1] of int64, found 0.5
          7 | {'name': 'a', 'type': 'category', 'size': 4} | expected at most 3 categories in 'a', one for each row of embedding E [3 × 2] in model.onnx, found 4
          9 | {'name': 'a', 'type': 'category', 'size': 2} | expected numbers and vectors without a scale for 'x' [1] of bool, found 'a'
          9 | {'name': 'a', 'missing': 2} | expected missing of 'a' to be an integer from 0 to 1 for 'x' [1] of bool, found 2.0
          7 | 'a', 'b' | expected 1 number for 'x' [1] of model.onnx, found 2: a 1, b 1
          10 | 'a' | expected an input of type float, double, int64, int32, bool, found 'x' [1] of float16
          """)
  void aFieldMustFitTheTypeOfItsInput(int type, String fields, String problem) throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Gather", "", List.of("E", "x"), "e"))
            .node(OnnxBytes.node("Add", "", List.of("e", "h"), "h_out"))
            .node(OnnxBytes.node("Softsign", "", List.of("h_out"), "y"))
            .initializer(OnnxBytes.halves("E", 3, 2))
            .input("x", type, 1)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2)
            .output("h_out", FLOAT, -1, 2);
    assertThat(refused(graph, "{'input': {'fields': [" + fields + "]}, 'state': {'h': 'h_out'}}"))
        .isEqualTo("config.json: input.fields: " + problem);
  }

  @Test
  void fieldsOfOtherInputsNeedInputFields() throws IOException {
    assertThat(refused(several(), "{" + RATE + BOTH + HEADS + "}"))
        .isEqualTo("config.json: inputs: expected only with input.fields");
    assertThat(refused(several(), "{" + FIELDS + RATE + HEADS + "}"))
        .isEqualTo(
            "config.json: inputs: expected each input of model.onnx to be a state, a constant or fed"
                + " by fields, found 'x' [? × 2] of float without a value");
  }

  /** What the file declares of an output may be wrong, so the first step is compared too. */
  @Test
  void theFirstStepMustGiveWhatTheFileDeclares() throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Add", "", List.of("x", "h"), "z"))
            .node(OnnxBytes.node("Softsign", "", List.of("z"), "y"))
            .node(OnnxBytes.node("Concat", "", List.of("h", "h"), "h_out").attribute("axis", 0))
            .input("x", FLOAT, -1, 2)
            .input("h", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 2)
            .output("h_out", FLOAT, -1, 2);
    assertThat(refused(graph))
        .isEqualTo("model.onnx: output 'h_out': expected 2 numbers as for 'h', found 4");
  }

  @Test
  void otherFormatsHaveNoInputsConstantsAndTensors() throws IOException {
    model.parameters("{'Waa': [[0]], 'Wax': [[0]], 'ba': [0], 'Wya': [[0]], 'by': [0]}");
    for (String field : List.of("inputs", "constants")) {
      model.config("{'" + field + "': {'x': " + (field.equals("inputs") ? "['a']" : "1") + "}}");
      assertThat(InvalidFile.message(model::load))
          .endsWith(
              "config.json: "
                  + field
                  + ": expected only for an ONNX model, found the weights in parameters.json");
    }
  }
}
