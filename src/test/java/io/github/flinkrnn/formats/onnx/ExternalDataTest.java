package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of tensors in files beside the model file, and hostile references to such files. */
class ExternalDataTest {
  private static final long[] W = {1, 6, 3};
  private static final int BYTES = 72;

  @TempDir private Path directory;
  private ModelDirectory model;

  @BeforeEach
  void data() throws IOException {
    model = ModelDirectory.in(directory.resolve("model"));
    write("model.onnx.data", 40 + BYTES, 40);
  }

  /** A file with the numbers of W, all 0.5, from an offset to its end. */
  private void write(String name, int size, int offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).position(offset);
    while (bytes.hasRemaining()) {
      bytes.putFloat(0.5f);
    }
    Files.createDirectories(model.path(name).getParent());
    Files.write(model.path(name), bytes.array());
  }

  private void write(OnnxBytes w) throws IOException {
    Files.write(model.path("model.onnx"), SmallGraph.of("GRU").without(0).tensor(w).bytes());
  }

  private void write(String... reference) throws IOException {
    write(OnnxBytes.external("W", W, reference));
  }

  /** The message after the file and the tensor. */
  private String refused(String... reference) throws IOException {
    write(reference);
    return refused();
  }

  private String refused() {
    String message = InvalidFile.message(model::load);
    String start = model.path("model.onnx") + ": tensor 'W': ";
    assertThat(message).startsWith(start);
    return message.substring(start.length());
  }

  private long fingerprint() throws IOException {
    try (RnnModel loaded = model.load()) {
      return loaded.fingerprint();
    }
  }

  @ParameterizedTest
  @CsvSource({"model.onnx.data, 40", "./model.onnx.data, 40", "data/W, 0"})
  void theModelIsThatWithTheNumbersInside(String location, String offset) throws IOException {
    write("data/W", BYTES, 0);
    Files.write(model.path("model.onnx"), SmallGraph.of("GRU").bytes());
    long inside = fingerprint();
    write("location", location, "offset", offset, "length", "72", "checksum", "0");
    assertThat(fingerprint()).isEqualTo(inside);
    write("location", location, "offset", offset);
    assertThat(fingerprint()).isEqualTo(inside);
  }

  @Test
  void tensorsMayBeInSeveralFilesInAnyOrder() throws IOException {
    Files.write(model.path("model.onnx"), SmallGraph.of("GRU").bytes());
    final long inside = fingerprint();
    write("other", 200_000, 0);
    OnnxBytes r = OnnxBytes.external("R", new long[] {1, 6, 2}, "location", "model.onnx.data");
    write("model.onnx.data", 40 + BYTES, 0);
    SmallGraph graph = SmallGraph.of("GRU").without(0).without(0).without(0);
    graph.tensor(OnnxBytes.external("W", W, "location", "other", "offset", "100000"));
    graph.tensor(r);
    graph.tensor(OnnxBytes.external("B", new long[] {1, 12}, "location", "other", "offset", "4"));
    Files.write(model.path("model.onnx"), graph.bytes());
    assertThat(fingerprint()).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "/etc/passwd",
        "data/../../secret",
        "./../secret",
        "..",
        ".",
        "",
        "a//b",
        "C:secret",
        "a\\b",
        "file:/etc/passwd",
        "*/_ORT_MEM_ADDR_/*/..",
        "a\nb"
      })
  void aPathOutOfTheDirectoryIsRejected(String location) throws IOException {
    Files.write(directory.resolve("secret"), new byte[BYTES]);
    assertThat(refused("location", location, "length", "72"))
        .isEqualTo(
            "expected external data in the model directory, found location '"
                + location.replace('\n', ' ')
                + "'");
  }

  @Test
  void aLinkOutOfTheDirectoryIsRejected() throws IOException {
    Files.write(directory.resolve("secret"), new byte[BYTES]);
    Files.createSymbolicLink(model.path("link"), directory.resolve("secret"));
    Files.createSymbolicLink(model.path("below"), directory);
    assertThat(refused("location", "link"))
        .isEqualTo(
            "expected external data in the model directory, found link, which is a link to a file"
                + " outside it");
    assertThat(refused("location", "below/secret"))
        .endsWith("found below/secret, which is a link to a file outside it");
    Files.createSymbolicLink(model.path("inside"), Path.of("model.onnx.data"));
    write("location", "inside", "offset", "40");
    model.load().close();
  }

  @Test
  void theFileMustHaveTheNumbers() throws IOException {
    assertThat(refused("location", "lstm.onnx.data"))
        .isEqualTo(
            "expected its numbers in the file lstm.onnx.data of the model directory (external data),"
                + " found no such file");
    assertThat(refused("location", "model.onnx.data", "offset", "41"))
        .isEqualTo("expected 72 bytes from byte 41 of model.onnx.data, found a file of 112");
    assertThat(refused("location", "model.onnx.data", "offset", "999999999999999999"))
        .endsWith("from byte 999999999999999999 of model.onnx.data, found a file of 112");
    assertThat(refused("location", "model.onnx.data", "length", "71"))
        .isEqualTo("expected a length of 72 bytes, found 71");
    for (String number : new String[] {"-1", "", "1e3", "9999999999999999999", " 4"}) {
      assertThat(refused("location", "model.onnx.data", "offset", number))
          .isEqualTo("expected offset to be a number of bytes, found '" + number + "'");
    }
  }

  @Test
  void aReferenceIsWhole() throws IOException {
    assertThat(refused("location", "a", "location", "b"))
        .isEqualTo("expected one reference to another file, found 'location' twice");
    assertThat(refused("place", "a"))
        .isEqualTo("expected location, offset and length, found 'place'");
    write(OnnxBytes.external("W", W).raw(9, new byte[BYTES]));
    assertThat(refused())
        .isEqualTo("expected numbers in one place, found some here and some in another file");
    OnnxBytes pair = new OnnxBytes().text(1, "location").text(2, "model.onnx.data");
    write(new OnnxBytes().text(8, "W").integer(2, 1).message(13, pair));
    assertThat(refused()).isEqualTo("expected data_location EXTERNAL with external_data, found 0");
  }

  /** The file is large enough, because it has holes. */
  @Test
  void memoryIsBounded() throws IOException {
    long[] shape = {1, 6, 30_000_000};
    try (RandomAccessFile sparse = new RandomAccessFile(model.path("sparse").toFile(), "rw")) {
      sparse.setLength(4L * 6 * 30_000_000);
    }
    write(OnnxBytes.external("W", shape, "location", "sparse"));
    System.setProperty(LoadMemory.PROPERTY, "100");
    try {
      assertThat(InvalidFile.message(model::load))
          .startsWith(
              model.path("model.onnx")
                  + ": expected at least 1,441 MB of memory for the model, found 100 MB ");
    } finally {
      System.clearProperty(LoadMemory.PROPERTY);
    }
  }

  /** A step graph with this tensor instead of its constant 'one', which may be in a branch. */
  private void writeStep(OnnxBytes one, boolean inBranch) throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .node(OnnxBytes.node("Add", "", List.of("x", "h"), "z"))
            .node(OnnxBytes.node("Softsign", "", List.of("z"), "h_out"))
            .input("x", 1, -1, 2)
            .input("h", 1, -1, 2)
            .output("y", 1, -1, 2)
            .output("h_out", 1, -1, 2);
    OnnxBytes sub = OnnxBytes.node("Sub", "", List.of("h_out", "one"), "s");
    if (inBranch) {
      OnnxBytes branch =
          new OnnxBytes().text(2, "b").node(sub).initializer(one).output("s", 1, 1, 2);
      graph.node(
          OnnxBytes.node("If", "", List.of("yes"), "y")
              .attribute("then_branch", branch)
              .attribute("else_branch", branch));
      graph.initializer(new OnnxBytes().integer(2, 9).raw(9, new byte[] {1}).text(8, "yes"));
    } else {
      graph.node(sub).initializer(one);
      graph.node(OnnxBytes.node("Identity", "", List.of("s"), "y"));
    }
    Files.write(model.path("model.onnx"), OnnxBytes.model(graph).bytes());
  }

  private static OnnxBytes one(String location, String... more) {
    String[] reference = Arrays.copyOf(new String[] {"location", location}, 2 + more.length);
    System.arraycopy(more, 0, reference, 2, more.length);
    return OnnxBytes.external("one", new long[] {1, 2}, reference);
  }

  /** y = Softsign(x) - 0.5. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepGraphGetsTheNumbersInside(boolean inBranch) throws IOException {
    writeStep(one("model.onnx.data", "offset", "40", "length", "8"), inBranch);
    try (RnnModel loaded = model.load();
        RnnStepper stepper = loaded.stepper()) {
      float[] next = new float[2];
      stepper.step(new float[] {1, 3}, loaded.initialState(), next);
      assertThat(next).containsExactly(0.5f, 0.75f);
      assertThat(stepper.logits(next)).containsExactly(0, 0.25f);
    }
  }

  /** ONNX Runtime would read memory, or files beside its working directory. */
  @ParameterizedTest
  @ValueSource(strings = {"*/_ORT_MEM_ADDR_/*", "../secret", "/etc/passwd", "none"})
  void aBranchOfAStepGraphRefersToNoOtherPlace(String location) throws IOException {
    writeStep(one(location, "offset", "40"), true);
    assertThat(InvalidFile.message(model::load))
        .startsWith(model.path("model.onnx") + ": tensor 'one': expected ")
        .containsAnyOf("in the model directory, found location '" + location, "no such file");
  }

  @Test
  void aStepGraphWithOtherBytesInItsFilesHasAnotherFingerprint() throws IOException {
    writeStep(one("model.onnx.data", "offset", "40"), true);
    long halves = fingerprint();
    writeStep(OnnxBytes.halves("one", 1, 2), true);
    model.load().close();
    writeStep(one("model.onnx.data", "offset", "36"), true); // 0 and 0.5
    assertThat(fingerprint()).isNotEqualTo(halves);
  }

  /** Protobuf would join the two tensors to a third one. */
  @Test
  void aTensorInTwoPiecesIsRejected() throws IOException {
    OnnxBytes constant =
        new OnnxBytes()
            .text(1, "value")
            .message(5, OnnxBytes.halves("s", 1))
            .message(5, OnnxBytes.halves("s", 1))
            .integer(20, 4);
    OnnxBytes branch =
        new OnnxBytes()
            .text(2, "b")
            .node(OnnxBytes.node("Constant", "", List.of(), "s").message(5, constant))
            .output("s", 1, 1);
    OnnxBytes graph =
        SmallSteps.softsign()
            .node(
                OnnxBytes.node("If", "", List.of("yes"), "q")
                    .attribute("then_branch", branch)
                    .attribute("else_branch", branch))
            .initializer(new OnnxBytes().integer(2, 9).raw(9, new byte[] {1}).text(8, "yes"));
    Files.write(model.path("model.onnx"), OnnxBytes.model(graph).bytes());
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("model.onnx")
                + ": cannot be read as an ONNX model (a protobuf ModelProto): field 5 twice");
  }

  /** Tensors in functions and in attributes of several tensors. */
  @Test
  void everyPlaceOfATensorIsVisited() throws IOException {
    OnnxBytes secret = one("/etc/passwd");
    OnnxBytes sparse = new OnnxBytes().message(1, secret);
    for (OnnxBytes attribute :
        List.of(
            new OnnxBytes().message(5, secret),
            new OnnxBytes().message(10, secret),
            new OnnxBytes().message(22, sparse),
            new OnnxBytes().message(23, new OnnxBytes().message(2, secret)),
            new OnnxBytes().message(6, new OnnxBytes().message(15, sparse)),
            new OnnxBytes().message(11, new OnnxBytes().initializer(secret)))) {
      OnnxBytes node = new OnnxBytes().text(4, "F").message(5, attribute);
      OnnxBytes function = new OnnxBytes().message(7, node);
      assertRefersOutside(OnnxBytes.model(SmallSteps.softsign()).message(25, function));
      function = new OnnxBytes().message(11, attribute);
      assertRefersOutside(OnnxBytes.model(SmallSteps.softsign()).message(25, function));
      OnnxBytes training = new OnnxBytes().message(2, new OnnxBytes().initializer(secret));
      assertRefersOutside(OnnxBytes.model(SmallSteps.softsign()).message(20, training));
    }
  }

  private void assertRefersOutside(OnnxBytes file) throws IOException {
    Files.write(model.path("model.onnx"), file.bytes());
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("model.onnx")
                + ": tensor 'one': expected external data in the model directory, found location"
                + " '/etc/passwd'");
  }
}
