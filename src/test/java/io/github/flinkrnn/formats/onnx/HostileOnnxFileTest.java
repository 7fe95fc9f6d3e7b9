package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file may claim any size and contain anything. No memory is allocated because of a claim. */
@Timeout(20)
class HostileOnnxFileTest {
  @TempDir private Path directory;

  private String refused(byte[] bytes) throws IOException {
    ModelDirectory model = ModelDirectory.in(directory);
    Path file = model.path("model.onnx");
    Files.write(file, bytes);
    String message = InvalidFile.message(model::load);
    assertThat(message).startsWith(file + ": ");
    return message.substring(file.toString().length() + 2);
  }

  private String refusedTensor(OnnxBytes tensor) throws IOException {
    return refused(OnnxBytes.model(new OnnxBytes().initializer(tensor.text(8, "W"))).bytes());
  }

  @Test
  void rejectsAnEmptyFileAndAnotherFormat() throws IOException {
    assertThat(refused(new byte[0])).isEqualTo("missing: expected the graph of an ONNX model");
    assertThat(refused("{\"not\": \"a protobuf\"}".getBytes(StandardCharsets.UTF_8)))
        .startsWith("byte ")
        .contains("cannot be read as an ONNX model (a protobuf ModelProto): ");
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, Integer.MAX_VALUE, -1})
  void rejectsALengthBeyondTheFile(int length) throws IOException {
    assertThat(refused(new OnnxBytes().claim(7, length).bytes())).startsWith("byte ");
    for (int field : new int[] {1, 4, 5, 8, 9, 10}) {
      OnnxBytes tensor = new OnnxBytes().claim(field, length);
      assertThat(refusedTensor(tensor)).startsWith("byte ");
    }
  }

  @Test
  void rejectsADifferentNumberOfValuesThanTheShape() throws IOException {
    OnnxBytes huge = new OnnxBytes().integer(1, 40_000).integer(1, 40_000).integer(2, 1);
    assertThat(refusedTensor(huge.raw(9, new byte[4])))
        .isEqualTo("tensor 'W': expected 6400000000 bytes for [40000 × 40000], found 4");
    OnnxBytes overflow = new OnnxBytes().integer(2, 1);
    for (int i = 0; i < 3; i++) {
      overflow.integer(1, 1 << 30);
    }
    assertThat(refusedTensor(overflow))
        .isEqualTo("tensor 'W': expected fewer than 2^31 numbers, found more");
    assertThat(refusedTensor(new OnnxBytes().integer(1, -1).integer(2, 1)))
        .isEqualTo("tensor 'W': expected dimensions from 0 to 2^31 - 1, found -1");
    assertThat(refusedTensor(new OnnxBytes().integer(1, 2).integer(2, 1)))
        .isEqualTo("tensor 'W': expected 2 numbers in field 4 for [2], found 0 in field 0");
  }

  @Test
  void rejectsTensorsOfOtherKinds() throws IOException {
    assertThat(refusedTensor(new OnnxBytes().integer(2, 8)))
        .startsWith("tensor 'W': expected data type FLOAT, ")
        .endsWith(", found 8");
    assertThat(refusedTensor(new OnnxBytes().integer(2, 1).number(4, Float.NaN)))
        .isEqualTo(
            "tensor 'W': expected finite float32 numbers, found NaN at index 0"
                + StatePairs.NO_STATE);
    OnnxBytes model = OnnxBytes.model(new OnnxBytes().message(15, new OnnxBytes()));
    assertThat(refused(model.bytes())).isEqualTo("expected dense initializers, found sparse ones");
  }

  @Test
  void rejectsFunctionsAndOtherOperatorSets() throws IOException {
    OnnxBytes functions = OnnxBytes.model(new OnnxBytes()).message(25, new OnnxBytes());
    assertThat(refused(functions.bytes()))
        .isEqualTo("expected no functions (custom operators)" + StatePairs.NO_STATE);
    byte[] later =
        new OnnxBytes()
            .message(8, new OnnxBytes().integer(2, 99))
            .message(7, new OnnxBytes())
            .bytes();
    assertThat(refused(later)).isEqualTo("expected operator set 7 to 25, found 99");
  }

  // 300 states of 2^16 numbers are more than a key may keep.
  @Test
  void rejectsExcessiveStates() throws IOException {
    OnnxBytes graph = SmallSteps.softsign();
    for (int i = 0; i < 300; i++) {
      graph.input(i + "a", 1, 1, 1 << 16).output(i + "a_out", 1, 1, 1 << 16);
    }
    assertThat(refused(OnnxBytes.model(graph).bytes()))
        .isEqualTo("expected states of at most 2^24 numbers in total, found more");
  }

  @Test
  void rejectsATensorThatDoesNotFitIntoMemory() throws IOException {
    OnnxBytes tensor =
        new OnnxBytes().integer(1, 500_000).integer(2, 1).raw(9, new byte[2_000_000]);
    System.setProperty(LoadMemory.PROPERTY, "1");
    try {
      assertThat(refusedTensor(tensor))
          .startsWith("expected at least 5 MB of memory for the model, found 1 MB ");
    } finally {
      System.clearProperty(LoadMemory.PROPERTY);
    }
  }

  // Each of 40 nodes doubles its constant, which would give 2^41 numbers.
  @Test
  void rejectsConstantsThatGrowTooLarge() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN").tensor(OnnxBytes.halves("c0", 2));
    for (int i = 0; i < 40; i++) {
      graph.node(
          OnnxBytes.node("Concat", "", List.of("c" + i, "c" + i), "c" + (i + 1))
              .attribute("axis", 0));
    }
    assertThat(refused(graph.bytes()))
        .matches(
            "node \\d+ \\(Concat\\): expected fewer numbers, found many more than the file holds");
  }

  @Test
  void rejectsTooManyNodes() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN");
    for (int i = 0; i < 10_001; i++) {
      graph.node(new OnnxBytes());
    }
    assertThat(refused(graph.bytes())).startsWith("expected at most 10000 nodes");
  }

  // Each of 3000 nodes adds 2^20 steps, which would give more than 2^31.
  @Test
  void rejectsPaddingWithoutEnd() throws IOException {
    SmallGraph graph =
        SmallGraph.of("RNN")
            .tensor(OnnxBytes.integers("pads", 1 << 20, 0, 0, 0, 0, 0, 0, 0))
            .node(OnnxBytes.node("Identity", "", List.of("Y"), "p0"));
    for (int i = 0; i < 3000; i++) {
      graph.node(OnnxBytes.node("Pad", "", List.of("p" + i, "pads"), "p" + (i + 1)));
    }
    assertThat(refused(graph.output("p3000").bytes()))
        .matches("node \\d+ \\(Pad\\): expected zeros before the first step; ONNX Runtime.*");
  }
}
