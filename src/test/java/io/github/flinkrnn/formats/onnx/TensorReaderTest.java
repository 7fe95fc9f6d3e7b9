package io.github.flinkrnn.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.LoadMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The same numbers in each format that a tensor may have. */
class TensorReaderTest {
  private static OnnxTensor read(OnnxBytes tensor) throws IOException {
    byte[] bytes = new OnnxBytes().message(5, tensor).bytes();
    ProtoReader in =
        new ProtoReader(
            new ByteArrayInputStream(bytes), bytes.length, "model.onnx", LoadMemory.of(1 << 30));
    OnnxTensor[] read = {null};
    in.fields(
        number -> {
          read[0] = TensorReader.read("model.onnx", in, null);
          return true;
        });
    return read[0];
  }

  private static OnnxBytes two(int type) {
    return new OnnxBytes().integer(1, 2).integer(2, type);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  // 1.5 and -2 in each format, little-endian.
  @Test
  void readsFloatsOfEveryWidth() throws IOException {
    float[] expected = {1.5f, -2};
    byte[] single = bytes(0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0);
    byte[] wide = bytes(0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0);
    assertThat(read(two(1).raw(9, single)).floats()).containsExactly(expected);
    assertThat(read(two(1).raw(4, single)).floats()).containsExactly(expected);
    assertThat(read(two(1).number(4, 1.5f).number(4, -2)).floats()).containsExactly(expected);
    assertThat(read(two(11).raw(9, wide)).floats()).containsExactly(expected);
    assertThat(read(two(11).raw(10, wide)).floats()).containsExactly(expected);
    assertThat(read(two(10).raw(9, bytes(0, 0x3e, 0, 0xc0))).floats()).containsExactly(expected);
    assertThat(read(two(10).integer(5, 0x3e00).integer(5, 0xc000)).floats())
        .containsExactly(expected);
    assertThat(read(two(16).raw(9, bytes(0xc0, 0x3f, 0, 0xc0))).floats()).containsExactly(expected);
    assertThat(read(two(16).integer(5, 0x3fc0).integer(5, 0xc000)).floats())
        .containsExactly(expected);
  }

  @Test
  void readsIntegers() throws IOException {
    long[] expected = {3, -1};
    byte[] wide = bytes(3, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1);
    assertThat(read(two(7).raw(9, wide)).integers()).containsExactly(expected);
    assertThat(read(two(7).integer(7, 3).integer(7, -1)).integers()).containsExactly(expected);
    assertThat(read(two(6).raw(9, bytes(3, 0, 0, 0, -1, -1, -1, -1))).integers())
        .containsExactly(expected);
    assertThat(read(two(9).raw(9, bytes(1, 0))).integers()).containsExactly(1, 0);
  }
}
