package io.github.flinkrnn.onnxruntime;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * A type of numbers that a step graph may take, keep and return.
 *
 * <p>The state of a sequence is an array of floats, so each number is kept as the bits of one or
 * two floats, its <em>words</em>, in the byte order of this machine. They are only copied: as a
 * float, the bits of an integer may be a NaN.
 */
@Internal
public enum StepType {
  FLOAT(1, 1, "a finite float32 number"),
  DOUBLE(11, 2, "a finite number"),
  INT64(7, 2, "an integer from -2^63 to 2^63 - 1"),
  INT32(6, 1, "an integer from -2^31 to 2^31 - 1"),
  /** The word is 0 or 1. */
  BOOL(9, 1, "true or false");

  private final int code;
  private final int words;
  private final String expected;

  StepType(int code, int words, String expected) {
    this.code = code;
    this.words = words;
    this.expected = expected;
  }

  /**
   * The type with a code of TensorProto.DataType; null for a type that is not supported.
   *
   * @param code the code
   */
  public static StepType of(int code) {
    return Arrays.stream(values()).filter(type -> type.code == code).findAny().orElse(null);
  }

  /** How many floats hold the bits of a number. */
  public int words() {
    return words;
  }

  /** Whether the numbers are integers. */
  public boolean isInteger() {
    return this == INT64 || this == INT32;
  }

  /** A phrase for a number of this type, for errors. */
  public String expected() {
    return expected;
  }

  /**
   * The words of numbers.
   *
   * @param numbers in decimal, or {@code true} and {@code false}
   * @param index receives the index of the first number that is not of this type
   * @return null if there is such a number
   */
  public float[] words(List<String> numbers, int[] index) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(numbers.size(), Float.BYTES * words));
    bytes.order(ByteOrder.nativeOrder());
    for (int i = 0; i < numbers.size(); i++) {
      if (!put(numbers.get(i), bytes)) {
        index[0] = i;
        return null;
      }
    }
    float[] all = new float[numbers.size() * words];
    bytes.flip().asFloatBuffer().get(all);
    return all;
  }

  private boolean put(String number, ByteBuffer to) {
    boolean isBool = number.equals("true") || number.equals("false");
    if (this == BOOL || isBool) {
      boolean fits = this == BOOL && (isBool || number.equals("0") || number.equals("1"));
      to.putInt(number.equals("true") || number.equals("1") ? 1 : 0);
      return fits;
    }
    if (this == FLOAT) {
      float value = Float.parseFloat(number);
      to.putFloat(value);
      return Float.isFinite(value);
    }
    if (this == DOUBLE) {
      double value = Double.parseDouble(number);
      to.putDouble(value);
      return Double.isFinite(value);
    }
    try {
      BigDecimal value = new BigDecimal(number);
      if (this == INT32) {
        to.putInt(value.intValueExact());
      } else {
        to.putLong(value.longValueExact());
      }
      return true;
    } catch (ArithmeticException | NumberFormatException e) { // a fraction, or out of range
      return false;
    }
  }

  /** The names of all types, for errors. */
  public static String names() {
    return Arrays.stream(values()).map(StepType::toString).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
