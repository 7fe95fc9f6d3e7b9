package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The entry of a tensor must agree with itself, with other entries and with the length of the file.
 */
class HostileTensorTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "[]",
        "null",
        "{}",
        "{'shape':[1],'data_offsets':[0,4]}",
        "{'dtype':'F32','data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[1]}",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,4],'strides':[1]}",
        "{'dtype':32,'shape':[1],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':1,'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[null],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,4]}",
        "{'dtype':'F32','shape':[1],'data_offsets':[4]}",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}",
        "{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,18446744073709551620]}",
        "{'dtype':'F32','shape':[1],'data_offsets':{'begin':0,'end':4}}",
      })
  void rejectsEntryThatIsNotAnEntry(String entry) throws IOException {
    assertThat(rejected("{'a':" + entry + "}", 4))
        .isEqualTo(
            file()
                + ": tensor 'a': expected {dtype: string, shape: [numbers],"
                + " data_offsets: [begin, end]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"I4", "C64", "f32", "F128", ""})
  void rejectsDtypesThatAreNotWeights(String dtype) throws IOException {
    assertThat(rejected(entry("a", dtype, "[1]", 0, 4), 4))
        .isEqualTo(
            file()
                + ": tensor 'a': expected dtype F32, F64, F16, BF16 or an integer type, found '"
                + dtype
                + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "F8_E5M2", "F4", "F6_E2M3"})
  void saysThatADtypeIsOfAQuantizedModel(String dtype) throws IOException {
    assertThat(rejected(entry("a", dtype, "[1]", 0, 4), 4))
        .isEqualTo(
            file()
                + ": tensor 'a': expected dtype F32, F64, F16, BF16 or an integer type, found '"
                + dtype
                + "': a quantized model is not supported; save the model before that");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "F32; [2];    0; 4; 8 bytes for F32 [2]",
        "F32; [1];    0; 8; 4 bytes for F32 [1]",
        "F64; [1];    0; 4; 8 bytes for F64 [1]",
        "F16; [2, 3]; 0; 8; 12 bytes for F16 [2 × 3]",
        "BF16; [];    0; 8; 2 bytes for BF16 []",
        "F32; [0, 9]; 0; 8; 0 bytes for F32 [0 × 9]",
        "F32; [1];    4; 0; 4 bytes for F32 [1]", // ends before it begins
        "F32; [1];    9223372036854775807; 0; 4 bytes for F32 [1]",
        "F64; [2147483647]; 0; 8; 17179869176 bytes for F64 [2147483647]"
      })
  void rejectsOffsetsThatAreNotDtypeTimesShape(
      String dtype, String shape, long begin, long end, String needed) throws IOException {
    assertThat(rejected(entry("a", dtype, shape, begin, end), 8))
        .isEqualTo(
            file()
                + ": tensor 'a': expected "
                + needed
                + ", found data_offsets ["
                + begin
                + ", "
                + end
                + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[2147483647, 2147483647]",
        "[65536, 65536]", // 2^32: 0 in 32 bits
        "[2147483647, 2147483647, 0]",
        "[4294967296, 1073741824, 4]" // 2^64: 0 in 64 bits
      })
  void rejectsShapeWhoseSizeOverflows(String shape) throws IOException {
    assertThat(rejected(entry("a", "F32", shape, 0, 0), 0))
        .startsWith(file() + ": tensor 'a': expected ")
        .containsAnyOf(
            "fewer than 2^31 numbers, found [", "dimensions below 2^31, found 4294967296");
  }

  @Test
  void rejectsNineDimensions() throws IOException {
    assertThat(rejected(entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4))
        .isEqualTo(file() + ": tensor 'a': expected at most 8 dimensions, found 9");
    Files.write(file(), bytes(entry("a", "F32", "[1,1,1,1,1,1,1,1]", 0, 4), 4));
    assertThat(
            SafeTensors.read(ModelFiles.of(directory), "model.safetensors", LoadMemory.of(1 << 30))
                .floats())
        .containsKey("a");
  }

  @Test
  void rejectsOverlappingOffsets() throws IOException {
    assertThat(rejected(two(0, 8, 4, 12), 12))
        .isEqualTo(
            file()
                + ": tensor 'b': expected data_offsets to begin at 8, found 4: an overlap with the"
                + " tensor before it");
  }

  @Test
  void rejectsTwoTensorsInTheSameBytes() throws IOException {
    assertThat(rejected(two(0, 8, 0, 8), 8))
        .contains(": tensor 'b': ")
        .endsWith(": an overlap with the tensor before it");
  }

  // Bytes that no tensor names could hide another file.
  @Test
  void rejectsGapBetweenTensors() throws IOException {
    assertThat(rejected(two(0, 8, 9, 17), 17))
        .isEqualTo(file() + ": tensor 'b': expected data_offsets to begin at 8, found 9: a gap");
  }

  @Test
  void rejectsGapBeforeTheFirstTensor() throws IOException {
    assertThat(rejected(two(1, 9, 9, 17), 17))
        .isEqualTo(file() + ": tensor 'a': expected data_offsets to begin at 0, found 1: a gap");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 17, 1000})
  void rejectsDataThatIsTruncatedOrTrailing(int length) throws IOException {
    assertThat(rejected(two(0, 8, 8, 16), length))
        .isEqualTo(file() + ": header: expected 16 bytes of tensors, found " + length);
  }

  // The header declares a terabyte. Nothing may be allocated for it.
  @Test
  void rejectsOffsetsBeyondTheFileBeforeAllocating() throws IOException {
    assertThat(rejected(entry("a", "F32", "[2000000000]", 0, 8_000_000_000L), 16))
        .isEqualTo(file() + ": header: expected 8000000000 bytes of tensors, found 16");
  }

  @Test
  void rejectsNumbersThatAreNotFinite() throws IOException {
    int[] two = {2};
    assertThat(rejected(new SafeTensorsFile().f32("a", two, 1, Float.NaN)))
        .isEqualTo(file() + ": tensor 'a': expected finite float32 numbers, found NaN at index 1");
    assertThat(rejected(new SafeTensorsFile().f32("a", two, Float.NEGATIVE_INFINITY, 0)))
        .contains("tensor 'a': expected finite float32 numbers, found -Infinity at index 0");
    assertThat(rejected(new SafeTensorsFile().f64("a", two, 0, Double.POSITIVE_INFINITY)))
        .contains("tensor 'a': expected finite float32 numbers, found Infinity at index 1");
    assertThat(rejected(new SafeTensorsFile().bits16("a", "F16", two, (short) 0, (short) 0x7c00)))
        .contains("tensor 'a': expected finite float32 numbers, found Infinity at index 1");
    assertThat(rejected(new SafeTensorsFile().bits16("a", "BF16", two, (short) 0, (short) 0xffff)))
        .contains("tensor 'a': expected finite float32 numbers, found NaN at index 1");
  }

  @Test
  void rejectsF64ThatIsTooLargeForFloat32() throws IOException {
    assertThat(rejected(new SafeTensorsFile().f64("a", new int[] {2}, 1e300, 0)))
        .isEqualTo(
            file() + ": tensor 'a': expected finite float32 numbers, found Infinity at index 0");
  }

  // After the first 64 KiB, which are read as one piece.
  @Test
  void reportsTheIndexInTheWholeTensor() throws IOException {
    float[] numbers = new float[40_000];
    Arrays.fill(numbers, 1);
    numbers[39_999] = Float.NaN;
    assertThat(rejected(new SafeTensorsFile().f32("a", new int[] {200, 200}, numbers)))
        .contains("tensor 'a': expected finite float32 numbers, found NaN at index 39999");
  }

  private static String two(long beginA, long endA, long beginB, long endB) {
    String a = entry("a", "F32", "[2]", beginA, endA);
    String b = entry("b", "F32", "[2]", beginB, endB);
    return a.substring(0, a.length() - 1) + "," + b.substring(1);
  }

  private static String entry(String name, String dtype, String shape, long begin, long end) {
    return String.format(
        "{'%s':{'dtype':'%s','shape':%s,'data_offsets':[%d,%d]}}", name, dtype, shape, begin, end);
  }

  private static byte[] bytes(String header, int dataLength) {
    return SafeTensorsFile.bytes(header.replace('\'', '"'), new byte[dataLength]);
  }

  private Path file() {
    return directory.resolve("model.safetensors");
  }

  private String rejected(String header, int dataLength) throws IOException {
    return rejected(bytes(header, dataLength));
  }

  private String rejected(SafeTensorsFile file) throws IOException {
    return rejected(file.bytes());
  }

  private String rejected(byte[] bytes) throws IOException {
    Files.write(file(), bytes);
    return InvalidFile.message(
        () ->
            SafeTensors.read(
                ModelFiles.of(directory), "model.safetensors", LoadMemory.of(1 << 30)));
  }
}
