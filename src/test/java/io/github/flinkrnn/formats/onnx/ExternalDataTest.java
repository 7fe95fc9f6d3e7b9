package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
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
    assertThat(refused())
        .isEqualTo("expected data_location EXTERNAL beside external_data, found 0");
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
}
