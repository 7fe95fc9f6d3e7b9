package io.github.flinkrnn.formats.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes safetensors files, well-formed from tensors, or byte by byte. */
public final class SafeTensorsFile {
  private final StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  public SafeTensorsFile f32(String name, int[] shape, float... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return raw(name, "F32", shape, bytes.array());
  }

  public SafeTensorsFile f64(String name, int[] shape, double... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double number : numbers) {
      bytes.putDouble(number);
    }
    return raw(name, "F64", shape, bytes.array());
  }

  /** A tensor in a 16-bit format, from its bit patterns. */
  public SafeTensorsFile bits16(String name, String dtype, int[] shape, short... patterns) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * patterns.length).order(ByteOrder.LITTLE_ENDIAN);
    for (short pattern : patterns) {
      bytes.putShort(pattern);
    }
    return raw(name, dtype, shape, bytes.array());
  }

  /** A tensor of zeros. */
  public SafeTensorsFile zeros(String name, int... shape) {
    return f32(name, shape, new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)]);
  }

  /** A tensor of any format, from its bytes. */
  public SafeTensorsFile raw(String name, String dtype, int[] shape, byte[] bytes) {
    int begin = data.size();
    data.writeBytes(bytes);
    header.append(
        String.format(
            ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
            name, dtype, Arrays.toString(shape), begin, data.size()));
    return this;
  }

  public byte[] bytes() {
    return bytes(header + "}", data.toByteArray());
  }

  public void write(Path file) throws IOException {
    Files.write(file, bytes());
  }

  /** Any header, followed by any data. */
  public static byte[] bytes(String header, byte... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }
}
