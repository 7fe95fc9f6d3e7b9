package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.flinkrnn.network.NotAcceptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Locale;

/** A tensor outside the heap, which ONNX Runtime reads or writes in place. Not thread-safe. */
final class StepTensor implements AutoCloseable {
  private final String name;
  private final StepType type;
  private final int length;
  private final ByteBuffer bytes;
  // Views of the bytes; null for the types that do not need them.
  private final FloatBuffer words; // all types but BOOL
  private final DoubleBuffer doubles;
  private final LongBuffer longs;
  private final IntBuffer ints;
  private final OnnxTensor tensor;

  /** A tensor of zeros. */
  StepTensor(String name, StepType type, long[] shape, OrtEnvironment environment)
      throws OrtException {
    this.name = name;
    this.type = type;
    length = StepGraph.length(shape);
    int each = type == StepType.BOOL ? 1 : Float.BYTES * type.words();
    bytes = ByteBuffer.allocateDirect(Math.multiplyExact(length, each));
    bytes.order(ByteOrder.nativeOrder());
    words = type == StepType.BOOL ? null : bytes.asFloatBuffer();
    doubles = type == StepType.DOUBLE ? bytes.asDoubleBuffer() : null;
    longs = type == StepType.INT64 ? bytes.asLongBuffer() : null;
    ints = type == StepType.INT32 ? bytes.asIntBuffer() : null;
    tensor =
        switch (type) {
          case FLOAT -> OnnxTensor.createTensor(environment, words, shape);
          case DOUBLE -> OnnxTensor.createTensor(environment, doubles, shape);
          case INT64 -> OnnxTensor.createTensor(environment, longs, shape);
          case INT32 -> OnnxTensor.createTensor(environment, ints, shape);
          case BOOL -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.BOOL);
        };
  }

  OnnxTensor tensor() {
    return tensor;
  }

  /** How many words the numbers take. */
  int words() {
    return length * type.words();
  }

  /** Sets all numbers to words from {@code at}. */
  void putWords(float[] from, int at) {
    if (words != null) {
      words.put(0, from, at, words.capacity());
      return;
    }
    for (int i = 0; i < length; i++) {
      bytes.put(i, (byte) (Float.floatToRawIntBits(from[at + i]) == 0 ? 0 : 1));
    }
  }

  /** Copies the words of all numbers. */
  void getWords(float[] to, int at) {
    if (words != null) {
      words.get(0, to, at, words.capacity());
      return;
    }
    for (int i = 0; i < length; i++) {
      to[at + i] = Float.intBitsToFloat(bytes.get(i) == 0 ? 0 : 1);
    }
  }

  /**
   * Sets some numbers.
   *
   * @param x numbers from {@code from}
   * @param at the index of the first number to set
   * @throws NotAcceptedException when a number is not of the type of this tensor
   */
  void putNumbers(float[] x, int from, int at, int count) {
    if (type == StepType.FLOAT) {
      words.put(at, x, from, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      putNumber(x[from + i], at + i);
    }
  }

  /**
   * Sets a number.
   *
   * @throws NotAcceptedException when it is not of the type of this tensor
   */
  void putNumber(float number, int at) {
    switch (type) {
      case FLOAT -> words.put(at, number);
      case DOUBLE -> doubles.put(at, number);
      case INT64 -> longs.put(at, (long) whole(number, 0x1p62f));
      case INT32 -> ints.put(at, (int) whole(number, 0x1p30f));
      case BOOL -> {
        if (number != 0 && number != 1) {
          throw notAccepted("true or false", number);
        }
        bytes.put(at, (byte) number);
      }
    }
  }

  private float whole(float number, float most) {
    if (number != Math.rint(number) || Math.abs(number) > most) {
      throw notAccepted("an integer of type " + type, number);
    }
    return number;
  }

  private NotAcceptedException notAccepted(String expected, float number) {
    return new NotAcceptedException(
        String.format(
            Locale.ROOT, "input '%s': expected %s, found %s", name, expected, (Object) number));
  }

  /** Sets a tensor of one number to an integer. */
  void putInteger(int number) {
    if (longs != null) {
      longs.put(0, number);
    } else {
      ints.put(0, number);
    }
  }

  /** Copies all numbers, rounded to floats. */
  void getNumbers(float[] to) {
    if (type == StepType.FLOAT) {
      words.get(0, to, 0, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      to[i] =
          switch (type) {
            case DOUBLE -> (float) doubles.get(i);
            case INT64 -> longs.get(i);
            case INT32 -> ints.get(i);
            default -> bytes.get(i) == 0 ? 0 : 1;
          };
    }
  }

  @Override
  public void close() {
    tensor.close();
  }
}
