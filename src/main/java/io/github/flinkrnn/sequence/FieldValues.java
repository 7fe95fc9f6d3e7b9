package io.github.flinkrnn.sequence;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * The values of the named fields of a token, for a model with {@code input.fields}. A value is a
 * string, a boolean, a number, an array of numbers in which NaN stands for a missing one, or null.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public final class FieldValues {
  // Transient, because the fields of a Flink type are columns, and Flink has no type for Object[].
  private final transient String[] names;
  // Each is null, a String, RecentText, Boolean, Long, Double, BigInteger or double[].
  private final transient Object[] values;

  /**
   * @param names shared by all tokens of a source
   * @param values in the same order; of the types that {@link #normal} returns, or {@link
   *     RecentText}
   */
  @Internal
  public FieldValues(String[] names, Object[] values) {
    if (names.length != values.length) {
      throw new IllegalArgumentException("expected a value for each name");
    }
    this.names = names;
    this.values = values;
  }

  /** {@return about how many bytes the values have, with one byte for each character} */
  public long bytes() {
    long bytes = 0;
    for (int i = 0; i < values.length; i++) {
      Object value = value(i);
      if (value instanceof String string) {
        bytes += string.length();
      } else if (value instanceof double[] vector) {
        bytes += (long) Double.BYTES * vector.length;
      } else {
        bytes += Double.BYTES;
      }
    }
    return bytes;
  }

  /**
   * The values of a map.
   *
   * @param fields strings, booleans, numbers of any type, arrays or collections of numbers, and
   *     nulls, by the names of their fields
   * @return the values
   * @throws IllegalArgumentException if a value has another type
   */
  public static FieldValues of(Map<String, ?> fields) {
    String[] names = fields.keySet().toArray(String[]::new);
    Object[] values = new Object[names.length];
    for (int i = 0; i < names.length; i++) {
      values[i] = normal(names[i], fields.get(names[i]));
    }
    return new FieldValues(names, values);
  }

  /**
   * A value as one of the types that this class keeps: String, Boolean, Long, Double, BigInteger or
   * double[].
   *
   * @param name of the field, for errors
   * @param value any value
   * @return the value as one of these types, or null
   * @throws IllegalArgumentException if the value has another type
   */
  @Internal
  public static Object normal(String name, Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof BigInteger
        || value instanceof double[]) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float || value instanceof BigDecimal) {
      return ((Number) value).doubleValue();
    }
    if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) {
      return value.toString();
    }
    double[] numbers = numbers(value);
    if (numbers == null) {
      throw new IllegalArgumentException(
          name
              + ": expected a string, a boolean, a number or an array of numbers, found "
              + value.getClass().getName());
    }
    return numbers;
  }

  /** The numbers of an array or a collection; null for anything else. */
  private static double[] numbers(Object value) {
    if (value instanceof float[] floats) {
      double[] numbers = new double[floats.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = floats[i];
      }
      return numbers;
    }
    if (value instanceof int[] whole) {
      return Arrays.stream(whole).asDoubleStream().toArray();
    }
    if (value instanceof long[] whole) {
      return Arrays.stream(whole).asDoubleStream().toArray();
    }
    Object[] elements =
        value instanceof Collection<?> collection
            ? collection.toArray()
            : value instanceof Object[] array ? array : null;
    boolean areNumbers =
        elements != null
            && Arrays.stream(elements).allMatch(each -> each == null || each instanceof Number);
    return areNumbers
        ? Arrays.stream(elements)
            .mapToDouble(each -> each == null ? Double.NaN : ((Number) each).doubleValue())
            .toArray()
        : null;
  }

  /**
   * The value of a field.
   *
   * @param name the name of the field
   * @return the value; null if there is none
   */
  public Object get(String name) {
    int i = Arrays.asList(names).indexOf(name);
    return i < 0 ? null : value(i);
  }

  /** {@return the names, in the order of {@link #value}} Not to be modified. */
  @Internal
  public String[] names() {
    return names;
  }

  /**
   * The value at an index of {@link #names}.
   *
   * @param index from 0
   * @return the value, or null
   */
  @Internal
  public Object value(int index) {
    Object value = values[index];
    return value instanceof RecentText recent ? recent.toString() : value;
  }

  /**
   * The same, with {@link RecentText} for a string that a serializer has read.
   *
   * @param index from 0
   * @return the value, or null
   */
  @Internal
  public Object valueAsRead(int index) {
    return values[index];
  }

  private Object[] all() {
    Object[] all = new Object[values.length];
    Arrays.setAll(all, this::value);
    return all;
  }

  /** Compares by content, in order; numbers bit by bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof FieldValues that
        && Arrays.equals(names, that.names)
        && Arrays.deepEquals(all(), that.all());
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(names) + Arrays.deepHashCode(all());
  }

  /** The fields that have a value. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < names.length; i++) {
      if (values[i] != null) {
        String all = Arrays.deepToString(new Object[] {values[i]});
        text.append(text.length() == 1 ? "" : ", ").append(names[i]).append('=');
        text.append(all, 1, all.length() - 1);
      }
    }
    return text.append('}').toString();
  }
}
