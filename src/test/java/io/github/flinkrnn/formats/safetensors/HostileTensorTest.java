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

/** A tensor's entry must agree with itself, with the others and with the file's length. */
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
                + ": tensor 'a': expected {dtype: text, shape: [numbers],"
                + " data_offsets: [begin, end]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"I4", "F8_E4M3", "f32", "F128", ""})
  void rejectsDtypeThatHoldsNoWeights(String dtype) throws IOException {
    assertThat(rejected(entry("a", dtype, "[1]", 0, 4), 4))
        .isEqualTo(
            file()
                + ": tensor 'a': dtype '"
                + dtype
                + "', expected F32, F64, F16, BF16 or whole numbers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "F32; [2];    0; 4;  F32 [2] is 8 bytes",
        "F32; [1];    0; 8;  F32 [1] is 4 bytes",
        "F64; [1];    0; 4;  F64 [1] is 8 bytes",
        "F16; [2, 3]; 0; 8;  F16 [2 × 3] is 12 bytes",
        "BF16; [];    0; 8;  BF16 [] is 2 bytes",
        "F32; [0, 9]; 0; 8;  F32 [0 × 9] is 0 bytes",
        "F32; [1];    4; 0;  F32 [1] is 4 bytes", // ends before it begins
        "F32; [1];    9223372036854775807; 0; F32 [1] is 4 bytes",
        "F64; [2147483647]; 0; 8; F64 [2147483647] is 17179869176 bytes"
      })
  void rejectsOffsetsThatAreNotDtypeTimesShape(
      String dtype, String shape, long begin, long end, String needed) throws IOException {
    assertThat(rejected(entry("a", dtype, shape, begin, end), 8))
        .isEqualTo(
            file() + ": tensor 'a': data_offsets [" + begin + ", " + end + "], but " + needed);
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
        .startsWith(file() + ": tensor 'a': shape ")
        .containsAnyOf("holds 2^31 numbers or more", "has a dimension of 4294967296");
  }

  @Test
  void rejectsNineDimensions() throws IOException {
    assertThat(rejected(entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4))
        .isEqualTo(file() + ": tensor 'a': shape has 9 dimensions, expected at most 8");
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
                + ": tensor 'b': data_offsets begin at 4, expected 8: overlaps the tensor before"
                + " it");
  }

  @Test
  void rejectsTwoTensorsInTheSameBytes() throws IOException {
    assertThat(rejected(two(0, 8, 0, 8), 8))
        .contains(": tensor 'b': ")
        .endsWith("overlaps the tensor before it");
  }

  // Bytes that no tensor names could hide another file.
  @Test
  void rejectsGapBetweenTensors() throws IOException {
    assertThat(rejected(two(0, 8, 9, 17), 17))
        .isEqualTo(file() + ": tensor 'b': data_offsets begin at 9, expected 8: leaves a gap");
  }

  @Test
  void rejectsGapBeforeTheFirstTensor() throws IOException {
    assertThat(rejected(two(1, 9, 9, 17), 17))
        .isEqualTo(file() + ": tensor 'a': data_offsets begin at 1, expected 0: leaves a gap");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 17, 1000})
  void rejectsDataThatIsTruncatedOrTrailing(int length) throws IOException {
    assertThat(rejected(two(0, 8, 8, 16), length))
        .isEqualTo(file() + ": header: describes 16 bytes of tensors, the file holds " + length);
  }

  // A terabyte is promised; nothing of it may be allocated.
  @Test
  void rejectsOffsetsBeyondTheFileBeforeAllocating() throws IOException {
    assertThat(rejected(entry("a", "F32", "[2000000000]", 0, 8_000_000_000L), 16))
        .isEqualTo(file() + ": header: describes 8000000000 bytes of tensors, the file holds 16");
  }

  @Test
  void rejectsNumbersThatAreNotFinite() throws IOException {
    int[] two = {2};
    assertThat(rejected(new SafeTensorsFile().f32("a", two, 1, Float.NaN)))
        .isEqualTo(file() + ": tensor 'a': number 1 is NaN as float32, expected a finite one");
    assertThat(rejected(new SafeTensorsFile().f32("a", two, Float.NEGATIVE_INFINITY, 0)))
        .contains("tensor 'a': number 0 is -Infinity");
    assertThat(rejected(new SafeTensorsFile().f64("a", two, 0, Double.POSITIVE_INFINITY)))
        .contains("tensor 'a': number 1 is Infinity");
    assertThat(rejected(new SafeTensorsFile().bits16("a", "F16", two, (short) 0, (short) 0x7c00)))
        .contains("tensor 'a': number 1 is Infinity");
    assertThat(rejected(new SafeTensorsFile().bits16("a", "BF16", two, (short) 0, (short) 0xffff)))
        .contains("tensor 'a': number 1 is NaN");
  }

  @Test
  void rejectsF64ThatIsTooLargeForFloat32() throws IOException {
    assertThat(rejected(new SafeTensorsFile().f64("a", new int[] {2}, 1e300, 0)))
        .isEqualTo(file() + ": tensor 'a': number 0 is Infinity as float32, expected a finite one");
  }

  // Past the first 64 KiB, which are read as one piece.
  @Test
  void countsNumbersOverAllPieces() throws IOException {
    float[] numbers = new float[40_000];
    Arrays.fill(numbers, 1);
    numbers[39_999] = Float.NaN;
    assertThat(rejected(new SafeTensorsFile().f32("a", new int[] {200, 200}, numbers)))
        .contains("tensor 'a': number 39999 is NaN");
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
