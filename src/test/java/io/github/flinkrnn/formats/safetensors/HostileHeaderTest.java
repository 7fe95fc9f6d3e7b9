package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A header with false claims is rejected before its claims are used, with a line that names the
 * place.
 */
class HostileHeaderTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void rejectsFileShorterThanTheHeaderLength(int length) throws IOException {
    assertThat(rejected(new byte[length]))
        .isEqualTo(
            file()
                + ": header length: expected 8 bytes, found the end of the file after "
                + length);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 3",
    "104857600, 104857600", // 100 MB declared
    "9223372036854775807, 9223372036854775807",
    "-1, 18446744073709551615", // an unsigned number: must not become a negative length
    "-9223372036854775808, 9223372036854775808"
  })
  void rejectsHeaderLengthBeyondTheFile(long declared, String shown) throws IOException {
    assertThat(rejected(declaring(declared, new byte[] {'{', '}'})))
        .isEqualTo(file() + ": header length: expected at most 2, found " + shown);
  }

  // The file is large enough for it, but no network needs a header of that size.
  @Test
  void rejectsHeaderOf100MegabytesEvenIfTheFileContainsIt() throws IOException {
    int length = 100 * MEBIBYTE;
    try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
      sparse.write(declaring(length, new byte[] {'{'}));
      sparse.setLength(8L + length);
    }
    assertThat(message())
        .isEqualTo(file() + ": header length: expected at most " + MEBIBYTE + ", found 104857600");
  }

  @Test
  void rejectsFileOfMoreThanTwoGibibytes() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
      sparse.setLength((2L << 30) + 1);
    }
    assertThat(message()).isEqualTo(file() + ": expected at most 2 GiB, found more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", " {}", "null", "1", "\"{\"", "\uFEFF{}"})
  void rejectsHeaderThatDoesNotBeginWithABrace(String header) throws IOException {
    assertThat(rejected(SafeTensorsFile.bytes(header)))
        .isEqualTo(file() + ": header: expected a JSON object at byte 8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{]",
        "{}{}",
        "{} x",
        "{'a':}",
        "{a:1}",
        "{'a':NaN}",
        "{'a':01}",
        "{/**/}",
        "{\0\0\0"
      })
  void rejectsHeaderThatIsNotJson(String header) throws IOException {
    assertThat(rejected(SafeTensorsFile.bytes(header.replace('\'', '"'))))
        .startsWith(file() + ": header: cannot be read as JSON");
  }

  @Test
  void rejectsHeaderThatIsNotUtf8() throws IOException {
    byte[] header = {'{', '"', (byte) 0xc3, '"', ':', '1', '}'};
    assertThat(rejected(declaring(header.length, header)))
        .startsWith(file() + ": header: cannot be read as JSON");
  }

  @Test
  void rejectsDeepNesting() throws IOException {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThat(rejected(SafeTensorsFile.bytes(deep)))
        .startsWith(file() + ": header: cannot be read as JSON")
        .contains("depth");
  }

  @Test
  void rejectsNumberOfAThousandDigits() throws IOException {
    assertThat(rejected(SafeTensorsFile.bytes("{\"a\":" + "9".repeat(100_000) + "}")))
        .startsWith(file() + ": header: cannot be read as JSON");
  }

  // Readers disagree on which of the two counts, so one file would be two models.
  @Test
  void rejectsADuplicateName() throws IOException {
    String twice =
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}";
    assertThat(rejected(SafeTensorsFile.bytes(twice.replace('\'', '"'), new byte[4])))
        .startsWith(file() + ": header: cannot be read as JSON")
        .contains("Duplicate")
        .contains("\"a\"");
  }

  @Test
  void quotesAHostileNameInOneShortLine() throws IOException {
    String name = "line\\nbreak\\r\\u001b[31m\\u0085\\u2028" + "x".repeat(10_000);
    String message = rejected(SafeTensorsFile.bytes("{\"" + name + "\":1}"));
    assertThat(message)
        .startsWith(file() + ": tensor 'line break [31m")
        .endsWith("data_offsets: [begin, end]}")
        .hasSizeLessThan(700)
        .doesNotContainPattern("[\\p{Cc}\\u2028\\u2029]");
  }

  private static byte[] declaring(long headerLength, byte[] header) {
    return ByteBuffer.allocate(8 + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .array();
  }

  private Path file() {
    return directory.resolve("model.safetensors");
  }

  private String rejected(byte[] bytes) throws IOException {
    Files.write(file(), bytes);
    return message();
  }

  private String message() {
    return InvalidFile.message(
        () ->
            SafeTensors.read(
                ModelFiles.of(directory), "model.safetensors", LoadMemory.of(1 << 30)));
  }
}
