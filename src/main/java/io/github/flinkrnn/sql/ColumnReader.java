package io.github.flinkrnn.sql;

import io.github.flinkrnn.sequence.FieldValues;
import java.io.Serializable;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** Reads a column of a row as the value of a field of a token. */
final class ColumnReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final RowData.FieldGetter getter;
  private final ArrayData.ElementGetter elements; // null if the column is no array
  private final boolean areFloats;

  ColumnReader(String name, LogicalType type, int index) {
    this.name = name;
    getter = RowData.createFieldGetter(type, index);
    elements =
        type instanceof ArrayType array
            ? ArrayData.createElementGetter(array.getElementType())
            : null;
    areFloats = type instanceof ArrayType array && array.getElementType().is(LogicalTypeRoot.FLOAT);
  }

  /** A value as {@link FieldValues#normal} returns it, or null. A NULL number is NaN. */
  Object value(RowData row) {
    Object value = getter.getFieldOrNull(row);
    if (value instanceof StringData) {
      return value.toString();
    }
    return FieldValues.normal(
        name, value instanceof ArrayData array ? numbers(array) : number(value));
  }

  private static Object number(Object value) {
    return value instanceof DecimalData decimal ? decimal.toBigDecimal() : value;
  }

  private double[] numbers(ArrayData array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      Object number = number(elements.getElementOrNull(array, i));
      numbers[i] = number == null ? Double.NaN : ((Number) number).doubleValue();
    }
    return numbers;
  }

  /** A word: a string, or the decimal text of an integer; null for NULL. */
  String word(RowData row) {
    Object value = getter.getFieldOrNull(row);
    return value == null ? null : value.toString();
  }

  /** An array of numbers, each NULL as NaN; null for NULL. */
  float[] floats(RowData row) {
    ArrayData array = (ArrayData) getter.getFieldOrNull(row);
    if (array == null) {
      return null;
    }
    if (areFloats && TokenArgument.hasNoNull(array)) {
      return array.toFloatArray();
    }
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      Object number = number(elements.getElementOrNull(array, i));
      floats[i] = number == null ? Float.NaN : ((Number) number).floatValue();
    }
    return floats;
  }

  boolean isTrue(RowData row) {
    return Boolean.TRUE.equals(getter.getFieldOrNull(row));
  }

  /** An integer; null for NULL. */
  Long whole(RowData row) {
    return toLong(getter.getFieldOrNull(row));
  }

  /** Epoch milliseconds of a timestamp (one without a zone is in UTC) or of an integer. */
  Long millis(RowData row) {
    Object value = getter.getFieldOrNull(row);
    return value instanceof TimestampData time ? (Long) time.getMillisecond() : toLong(value);
  }

  private static Long toLong(Object value) {
    return value == null ? null : (Long) ((Number) value).longValue();
  }
}
