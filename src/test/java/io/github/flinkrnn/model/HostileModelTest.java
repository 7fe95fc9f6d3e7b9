package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.safetensors.SafeTensors;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.operator.ModelLocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Model directories that need much memory or time, or that never end. Each gives a one-line error.
 */
@Timeout(60) // seconds; without the early checks, this took longer or never ended
class HostileModelTest {
  private static String needs(String megabytes) {
    return ": expected at least "
        + megabytes
        + " of memory for the model, found 1 MB (three quarters of the heap, or the system property"
        + " flink-rnn.model_mb)";
  }

  @TempDir private Path path;
  private ModelDirectory model;

  @BeforeEach
  void directory() throws IOException {
    model = ModelDirectory.in(path.resolve("m"));
  }

  private String rejected() {
    return InvalidFile.message(model::load);
  }

  // 46,341 × 46,341 is more than 2^31. 20,000 × 20,000 floats are 1.6 GB.
  @ParameterizedTest
  @ValueSource(ints = {20_000, 46_341})
  void aRowIsComparedBeforeAMatrixIsMade(int size) throws IOException {
    String row = "[" + "0,".repeat(size - 1) + "0]";
    model.parameters("{'Waa': [" + row + ",[]".repeat(size - 1) + "]}");
    assertThat(rejected())
        .isEqualTo(
            model.path("parameters.json")
                + ": Waa[1]: expected "
                + size
                + " numbers, as in the row before");
  }

  @Test
  @Timeout(15)
  void manyLabelsAreComparedAtOnce() throws IOException {
    String labels =
        IntStream.range(0, 140_000)
            .mapToObj(i -> "'" + Integer.toString(i, 36) + "'")
            .collect(Collectors.joining(","));
    model
        .parameters("{'Waa': [[0]], 'Wax': [[0]], 'Wya': [[0], [0]]}")
        .config("{'output': {'labels': [" + labels + "]}}");
    assertThat(rejected())
        .isEqualTo(
            model.path("config.json")
                + ": output.labels: expected as many labels as "
                + model.path("parameters.json")
                + " has outputs (2), found 140000");
  }

  @Test
  void tooManyTensorsAreRejected() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile().zeros("rnn.weight_ih", 2, 2).zeros("rnn.weight_hh", 2, 2);
    for (int i = 0; i < 5000; i++) {
      tensors.zeros("e" + i, 2, 2);
    }
    model.vocabulary("a", "b").safetensors(tensors);
    assertThat(rejected())
        .isEqualTo(
            model.path("model.safetensors")
                + ": expected at most 300 tensors besides the recurrent layers, found 5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "vocab.txt",
        "model.safetensors",
        "parameters.json",
        "model.onnx",
        "model.keras",
        "model.h5"
      })
  void aPipeIsRejectedWithoutWaiting(String name) throws Exception {
    Files.deleteIfExists(model.path(name));
    assertThat(new ProcessBuilder("mkfifo", model.path(name).toString()).start().waitFor())
        .isZero();
    String refusal =
        model.path(name) + ": expected a regular file, found a directory, pipe, socket or device";
    assertThat(rejected()).isEqualTo(refusal);
    String uri = "file://" + model;
    assertThat(InvalidFile.message(() -> RnnModel.load(new ModelLocation(uri).files())))
        .isEqualTo(refusal);
  }

  @Test
  void aDeviceIsNotRead() throws IOException {
    Files.createSymbolicLink(model.path("parameters.json"), Path.of("/dev/zero"));
    assertThat(rejected())
        .isEqualTo(
            model.path("parameters.json")
                + ": expected a regular file, found a directory, pipe, socket or device");
  }

  /** Endless bytes: {@code text} of 0, 1, 2 and so on. */
  private static InputStream endless(IntFunction<String> text) {
    return new InputStream() {
      private byte[] bytes = {};
      private int number;
      private int at;

      @Override
      public int read() {
        if (at == bytes.length) {
          bytes = text.apply(number++).getBytes(StandardCharsets.UTF_8);
          at = 0;
        }
        return bytes[at++];
      }

      @Override
      public int read(byte[] into, int from, int length) {
        for (int i = 0; i < length; i++) {
          into[from + i] = (byte) read();
        }
        return length;
      }
    };
  }

  private static String vocabulary(InputStream words) {
    return InvalidFile.message(
        () -> Vocabulary.read("v", words, false, null, LoadMemory.of(1_000_000)));
  }

  @Test
  void aVocabularyIsReadLineByLine() {
    assertThat(vocabulary(endless(i -> "\n")))
        .isEqualTo("v: line 2: expected distinct words, found '' of line 1");
    assertThat(vocabulary(endless(i -> "x")))
        .isEqualTo("v: line 1: expected at most 1048576 bytes, found more");
    assertThat(vocabulary(endless(i -> i + "\n"))).isEqualTo("v" + needs("2 MB"));
  }

  // The header announces 40 MB of numbers, but the file is sparse: a few bytes and a hole.
  @Test
  void aSparseFileIsRejectedBeforeItsNumbersAreRead() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[10000000],\"data_offsets\":[0,40000000]}}";
    Path file = model.path("model.safetensors");
    Files.write(file, SafeTensorsFile.bytes(header));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + header.length() + 40_000_000);
    }
    assertThat(
            InvalidFile.message(
                () ->
                    SafeTensors.read(
                        ModelFiles.of(Path.of(model.toString())),
                        "model.safetensors",
                        LoadMemory.of(1_000_000))))
        .isEqualTo(file + needs("81 MB"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.keras", "model.h5", "model.weights.h5"})
  void aLargeFileIsRejectedBeforeItIsRead(String name) throws IOException {
    model.config("{'model_type': 'gru'}");
    try (RandomAccessFile sparse = new RandomAccessFile(model.path(name).toFile(), "rw")) {
      sparse.setLength(2_000_000);
    }
    assertThat(withProperty("1")).isEqualTo(model.path(name) + needs("3 MB"));
  }

  private String withProperty(String megabytes) {
    System.setProperty(LoadMemory.PROPERTY, megabytes);
    try {
      return rejected();
    } finally {
      System.clearProperty(LoadMemory.PROPERTY);
    }
  }

  @Test
  void manyNumbersNeedTheirMemory() throws IOException {
    String row = "[" + "0,".repeat(399) + "0]";
    String rows = "[" + (row + ",").repeat(399) + row + "]";
    model
        .parameters("{'Waa': " + rows + ", 'Wax': " + rows + ", 'Wya': " + rows + "}")
        .config("{}");
    assertThat(withProperty("1")).isEqualTo(model.path("parameters.json") + needs("2 MB"));
    System.setProperty(LoadMemory.PROPERTY, "10");
    try {
      assertThat(model.load().parameters()).isEqualTo(3 * 400 * 400);
    } finally {
      System.clearProperty(LoadMemory.PROPERTY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "many", "1g", ""})
  void theMemoryPropertyIsANumberOfMegabytes(String said) {
    assertThat(withProperty(said))
        .isEqualTo(
            "-Dflink-rnn.model_mb: expected an integer from 1 to 999999999 (megabytes), found '"
                + said
                + "'");
  }

  /** A directory whose config.json throws this error when it is read. */
  private ModelFiles failing(Error error) {
    ModelFiles files = ModelFiles.of(Path.of(model.toString()));
    return new ModelFiles() {
      @Override
      public String location() {
        return files.location();
      }

      @Override
      public boolean exists(String name) throws IOException {
        return files.exists(name);
      }

      @Override
      public long size(String name) throws IOException {
        return files.size(name);
      }

      @Override
      public InputStream open(String name) {
        throw error;
      }
    };
  }

  @Test
  void reportsExhaustedMemoryOrStackInOneLine() {
    String file = model.path("config.json") + ": ";
    assertThat(
            InvalidFile.message(
                () -> RnnModel.load(failing(new OutOfMemoryError("Java heap space")))))
        .matches(
            Pattern.quote(file) + "expected more memory for the model, found a heap of [0-9,]+ MB");
    assertThat(InvalidFile.message(() -> RnnModel.load(failing(new StackOverflowError()))))
        .isEqualTo(file + "cannot be read: nested too deeply");
  }

  @Test
  void reportsTheProgressOfALongLoad() throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    ModelFiles files = ModelFiles.of(Path.of(model.toString()));
    try (LoadWatch watch = new LoadWatch(files, Duration.ofMillis(1), said::add)) {
      assertThat(said.poll(30, TimeUnit.SECONDS))
          .isEqualTo("Still loading the model at " + model + " after 0 s: reading " + model);
      watch.open("config.json").close();
      String line = said.poll(30, TimeUnit.SECONDS);
      while (!line.endsWith("config.json")) {
        line = said.poll(30, TimeUnit.SECONDS);
      }
      assertThat(line)
          .matches(
              "Still loading the model at .* after \\d+ s: reading "
                  + Pattern.quote(model.path("config.json").toString()));
    }
  }
}
