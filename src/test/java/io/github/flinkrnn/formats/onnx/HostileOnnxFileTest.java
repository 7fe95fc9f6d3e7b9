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

/** A file may claim any size and hold anything: nothing is allocated for a claim. */
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
  void refusesAnEmptyFileAndAnotherFormat() throws IOException {
    assertThat(refused(new byte[0])).isEqualTo("is not an ONNX model: it holds no graph");
    assertThat(refused("{\"not\": \"a protobuf\"}".getBytes(StandardCharsets.UTF_8)))
        .startsWith("byte ")
        .contains("is not an ONNX model (a protobuf ModelProto): ");
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, Integer.MAX_VALUE, -1})
  void refusesALengthBeyondTheFile(int length) throws IOException {
    assertThat(refused(new OnnxBytes().claim(7, length).bytes())).startsWith("byte ");
    for (int field : new int[] {1, 4, 5, 8, 9, 10}) {
      OnnxBytes tensor = new OnnxBytes().claim(field, length);
      assertThat(refusedTensor(tensor)).startsWith("byte ");
    }
  }

  @Test
  void refusesNumbersThatAreNotAsManyAsTheShapeSays() throws IOException {
    OnnxBytes huge = new OnnxBytes().integer(1, 40_000).integer(1, 40_000).integer(2, 1);
    assertThat(refusedTensor(huge.raw(9, new byte[4])))
        .isEqualTo("tensor 'W': is [40000 × 40000], but holds 4 bytes, expected 6400000000");
    OnnxBytes overflow = new OnnxBytes().integer(2, 1);
    for (int i = 0; i < 3; i++) {
      overflow.integer(1, 1 << 30);
    }
    assertThat(refusedTensor(overflow)).isEqualTo("tensor 'W': holds 2^31 numbers or more");
    assertThat(refusedTensor(new OnnxBytes().integer(1, -1).integer(2, 1)))
        .isEqualTo("tensor 'W': has a dimension of -1");
    assertThat(refusedTensor(new OnnxBytes().integer(1, 2).integer(2, 1)))
        .isEqualTo("tensor 'W': is [2], but holds 0 numbers in field 0, expected them in 4");
  }

  @Test
  void refusesTensorsOfOtherKinds() throws IOException {
    assertThat(refusedTensor(new OnnxBytes().integer(2, 1).integer(14, 1)))
        .startsWith("tensor 'W': is in a file of its own (external data)");
    assertThat(refusedTensor(new OnnxBytes().message(13, new OnnxBytes().text(1, "location"))))
        .startsWith("tensor 'W': is in a file of its own (external data)");
    assertThat(refusedTensor(new OnnxBytes().integer(2, 8)))
        .startsWith("tensor 'W': has data type 8, expected FLOAT, ");
    assertThat(refusedTensor(new OnnxBytes().integer(2, 1).number(4, Float.NaN)))
        .isEqualTo("tensor 'W': number 0 is NaN as float32, expected a finite one");
    OnnxBytes model = OnnxBytes.model(new OnnxBytes().message(15, new OnnxBytes()));
    assertThat(refused(model.bytes())).isEqualTo("holds sparse initializers, expected dense ones");
  }

  @Test
  void refusesFunctionsAndOtherOperatorSets() throws IOException {
    OnnxBytes functions = OnnxBytes.model(new OnnxBytes()).message(25, new OnnxBytes());
    assertThat(refused(functions.bytes()))
        .isEqualTo("holds functions (operators of its own), expected none" + StatePairs.NO_STATE);
    byte[] later =
        new OnnxBytes()
            .message(8, new OnnxBytes().integer(2, 99))
            .message(7, new OnnxBytes())
            .bytes();
    assertThat(refused(later)).isEqualTo("is of operator set 99, expected 7 to 25");
  }

  // 300 states of 2^16 numbers are more than any key may keep.
  @Test
  void refusesStatesWithoutMeasure() throws IOException {
    OnnxBytes graph = SmallSteps.softsign();
    for (int i = 0; i < 300; i++) {
      graph.input(i + "a", 1, 1, 1 << 16).output(i + "a_out", 1, 1, 1 << 16);
    }
    assertThat(refused(OnnxBytes.model(graph).bytes()))
        .isEqualTo("has states of more than 2^24 numbers together");
  }

  @Test
  void refusesATensorThatTheMemoryDoesNotHold() throws IOException {
    OnnxBytes tensor =
        new OnnxBytes().integer(1, 500_000).integer(2, 1).raw(9, new byte[2_000_000]);
    System.setProperty(LoadMemory.PROPERTY, "1");
    try {
      assertThat(refusedTensor(tensor))
          .startsWith("needs more memory than the 1 MB that this process lets a model take")
          .endsWith("expected at least 5 MB");
    } finally {
      System.clearProperty(LoadMemory.PROPERTY);
    }
  }

  // Each of 40 nodes doubles its constant: 2^41 numbers, had they been made.
  @Test
  void refusesToMakeManyNumbersOfFew() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN").tensor(OnnxBytes.halves("c0", 2));
    for (int i = 0; i < 40; i++) {
      graph.node(
          OnnxBytes.node("Concat", "", List.of("c" + i, "c" + i), "c" + (i + 1))
              .attribute("axis", 0));
    }
    assertThat(refused(graph.bytes()))
        .matches("node \\d+ \\(Concat\\): makes many more numbers than the file holds");
  }

  @Test
  void refusesMoreNodesThanAModelHas() throws IOException {
    SmallGraph graph = SmallGraph.of("RNN");
    for (int i = 0; i < 10_001; i++) {
      graph.node(new OnnxBytes());
    }
    assertThat(refused(graph.bytes())).startsWith("holds more than 10000 nodes");
  }
}
