package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A TensorProto. Its numbers are in {@code raw_data}, little-endian, or in the repeated field of
 * their type (onnx/onnx.proto, "TensorProto").
 */
final class TensorReader implements ProtoReader.Message {
  static final String TYPES =
      "expected data type FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT64, INT32, INT8 or BOOL, found ";
  static final String TWICE = "expected one reference to another file, found ";
  static final String EXPECTED_EXTERNAL =
      "expected data_location EXTERNAL with external_data, found ";
  static final String TWO_PLACES =
      "expected numbers in one place, found some here and some in another file";
  private static final int MAX_INTEGERS = 1 << 20;
  private static final int MAX_DIMENSIONS = 8;
  private static final int FLOAT_DATA = 4;
  private static final int INT32_DATA = 5;
  private static final int INT64_DATA = 7;
  private static final int DOUBLE_DATA = 10;

  private final String file;
  private final ProtoReader in;
  private String name = "";
  private long[] dimensions = new long[0];
  private long type;
  private byte[] raw;
  private float[] floats = new float[0];
  private long[] integers = new long[0];
  private int list; // the field that holds the numbers
  private long location; // 1 if the numbers are in another file
  private final Map<String, String> reference = new LinkedHashMap<>(); // to that file

  private TensorReader(String file, ProtoReader in) {
    this.file = file;
    this.in = in;
  }

  /**
   * Reads a tensor.
   *
   * @param external reads the numbers that are in other files
   */
  static OnnxTensor read(String file, ProtoReader in, ExternalData external) throws IOException {
    TensorReader tensor = new TensorReader(file, in);
    in.message(tensor);
    return tensor.tensor(external);
  }

  @Override
  public boolean field(int number) throws IOException {
    switch (number) {
      case 1 -> dimensions = in.integers(dimensions);
      case 2 -> type = in.integer();
      case 8 -> name = in.text();
      case 9 -> raw = in.bytes();
      case FLOAT_DATA -> floats = in.numbers(floats, 4);
      case DOUBLE_DATA -> floats = in.numbers(floats, 8);
      case INT32_DATA, INT64_DATA -> integers = in.integers(integers);
      case 3 -> throw invalid("expected a whole tensor, found a segment");
      case 13 -> reference();
      case 14 -> location = in.integer();
      default -> {
        return false;
      }
    }
    if (number == FLOAT_DATA
        || number == DOUBLE_DATA
        || number == INT32_DATA
        || number == INT64_DATA) {
      if (list != 0 && list != number) {
        throw invalid("expected numbers in one field, found two");
      }
      list = number;
    }
    return true;
  }

  /** A StringStringEntryProto. */
  private void reference() throws IOException {
    String[] pair = {"", ""};
    in.message(
        number -> {
          if (number == 1 || number == 2) {
            pair[number - 1] = in.text();
          }
          return number == 1 || number == 2;
        });
    if (reference.put(pair[0], pair[1]) != null) {
      throw invalid(TWICE + "'" + pair[0] + "' twice");
    }
  }

  private OnnxTensor tensor(ExternalData external) throws IOException {
    int[] shape = new int[dimensions.length];
    if (shape.length > MAX_DIMENSIONS) {
      throw invalid("expected at most 8 dimensions, found " + shape.length);
    }
    long length = 1;
    for (int i = 0; i < shape.length; i++) {
      if (dimensions[i] < 0 || dimensions[i] > Integer.MAX_VALUE) {
        throw invalid("expected dimensions from 0 to 2^31 - 1, found " + dimensions[i]);
      }
      shape[i] = (int) dimensions[i];
      length *= shape[i]; // both below 2^31: no overflow
      if (length > Integer.MAX_VALUE) {
        throw invalid("expected fewer than 2^31 numbers, found more");
      }
    }
    if (location != 0 || !reference.isEmpty()) {
      readOther(external, length);
    }
    // The codes of TensorProto.DataType.
    return switch ((int) Math.min(Math.max(type, 0), 99)) {
      case 1 -> floats(shape, (int) length, 4, FLOAT_DATA);
      case 11 -> floats(shape, (int) length, 8, DOUBLE_DATA);
      case 10, 16 -> floats(shape, (int) length, 2, INT32_DATA);
      case 7 -> integers(shape, (int) length, 8, INT64_DATA);
      case 6 -> integers(shape, (int) length, 4, INT32_DATA);
      case 3, 9 -> integers(shape, (int) length, 1, INT32_DATA);
      case 2, 4, 5, 12, 13, 17, 18, 19, 20, 21, 22 -> new OnnxTensor(name, shape, null, null);
      default -> throw invalid(TYPES + type);
    };
  }

  /** Reads the numbers from another file, as if they were in this one. */
  private void readOther(ExternalData external, long length) throws IOException {
    if (location != 1) {
      throw invalid(EXPECTED_EXTERNAL + location);
    }
    if (raw != null || list != 0) {
      throw invalid(TWO_PLACES);
    }
    long bytes = bytes(type, length);
    if (bytes >= 0) {
      raw = external.read(name, reference, bytes);
    }
  }

  /**
   * How many bytes a number of elements takes; -1 for strings and unknown types.
   *
   * @param type a code of TensorProto.DataType
   */
  static long bytes(long type, long length) {
    return switch ((int) Math.min(Math.max(type, 0), 99)) {
      case 15 -> 16 * length;
      case 7, 11, 13, 14 -> 8 * length;
      case 1, 6, 12 -> 4 * length;
      case 4, 5, 10, 16 -> 2 * length;
      case 2, 3, 9, 17, 18, 19, 20, 24 -> length;
      case 21, 22, 23 -> (length + 1) / 2;
      default -> -1;
    };
  }

  private OnnxTensor floats(int[] shape, int length, int bytes, int field) {
    expectNumbers(
        shape, length, bytes, field, list == INT32_DATA ? integers.length : floats.length);
    float[] numbers = floats;
    if (raw != null || list == INT32_DATA) {
      in.take((long) Float.BYTES * length);
      numbers = new float[length];
      ByteBuffer buffer = raw == null ? null : ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < length; i++) {
        numbers[i] =
            switch (bytes) {
              case 4 -> buffer.getFloat();
              case 8 -> (float) buffer.getDouble();
              default -> narrow(buffer == null ? (short) integers[i] : buffer.getShort());
            };
      }
    }
    return new OnnxTensor(name, shape, numbers, null);
  }

  private float narrow(short bits) {
    return type == 16 ? Float.intBitsToFloat(bits << 16) : Tensor.half(bits);
  }

  private OnnxTensor integers(int[] shape, int length, int bytes, int field) {
    expectNumbers(shape, length, bytes, field, integers.length);
    if (raw == null) {
      return new OnnxTensor(name, shape, null, integers);
    }
    if (length > MAX_INTEGERS) {
      return new OnnxTensor(name, shape, null, null); // quantised weights, which no cell reads
    }
    in.take((long) Long.BYTES * length);
    long[] numbers = new long[length];
    ByteBuffer buffer = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i++) {
      numbers[i] = bytes == 8 ? buffer.getLong() : bytes == 4 ? buffer.getInt() : buffer.get();
    }
    return new OnnxTensor(name, shape, null, numbers);
  }

  private void expectNumbers(int[] shape, int length, int bytes, int field, int listed) {
    String of = " for " + Tensor.shapeText(shape);
    if (raw != null && list != 0) {
      throw invalid("expected numbers in one field, found two");
    }
    if (raw != null && raw.length != (long) length * bytes) {
      throw invalid("expected " + (long) length * bytes + " bytes" + of + ", found " + raw.length);
    }
    if (raw == null && ((list != 0 && list != field) || listed != length)) {
      String found = ", found " + listed + " in field " + list;
      throw invalid("expected " + length + " numbers in field " + field + of + found);
    }
  }

  private InvalidFileException invalid(String problem) {
    return new InvalidFileException(file, "tensor '" + name + "'", problem);
  }
}
