package io.github.flinkrnn.sql;

import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Token;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.types.Row;

/**
 * Makes tokens of what SQL passes as x&lt;t&gt;: a word, an array of numbers or a row of fields.
 */
abstract class TokenArgument {
  /** The field of a row that is the event time of the token, if the model needs one. */
  static final String TIMESTAMP = "timestamp";

  /** The key of all tokens: SQL has the keys. */
  private static final String KEY = "";

  /** The token of a value; with neither word nor features if the value is NULL. */
  abstract Token token(Object value);

  static TokenArgument of(RnnModel model) {
    if (model.input() instanceof ModelInput.Words) {
      return new Word();
    }
    return model.input() instanceof ModelInput.Fields fields ? new Fields(fields) : new Features();
  }

  private static final class Word extends TokenArgument {
    @Override
    Token token(Object value) {
      return new Token(KEY, (String) value, null, null, null, false, false, null, null);
    }
  }

  private static final class Features extends TokenArgument {
    @Override
    Token token(Object value) {
      return new Token(KEY, null, floats(value), null, null, false, false, null, null);
    }
  }

  /** The numbers of an array; null if it is NULL. A NULL element is NaN, which is rejected. */
  static float[] floats(Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof ArrayData array) {
      if (hasNoNull(array)) {
        return array.toFloatArray();
      }
      float[] floats = new float[array.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = array.isNullAt(i) ? Float.NaN : array.getFloat(i);
      }
      return floats;
    }
    double[] numbers = (double[]) FieldValues.normal("input", value);
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  /** Whether Flink copies the array as a whole. */
  static boolean hasNoNull(ArrayData array) {
    return array instanceof BinaryArrayData binary
        ? !binary.anyNull()
        : array instanceof GenericArrayData generic && generic.isPrimitiveArray();
  }

  private static final class Fields extends TokenArgument {
    private final String[] names; // of the fields that a row may have
    private final boolean needsTime;

    private Fields(ModelInput.Fields input) {
      names =
          input.fields().stream()
              .filter(field -> !(field instanceof InputField.Elapsed))
              .map(InputField::name)
              .toArray(String[]::new);
      needsTime = input.needsTime();
    }

    @Override
    Token token(Object value) {
      Object[] values = new Object[names.length];
      Long time = null;
      if (value != null) {
        Row row = (Row) value;
        Set<String> given = row.getFieldNames(true);
        for (int i = 0; i < names.length; i++) {
          values[i] =
              given.contains(names[i])
                  ? FieldValues.normal(names[i], row.getField(names[i]))
                  : null;
        }
        time = needsTime && given.contains(TIMESTAMP) ? millis(row.getField(TIMESTAMP)) : null;
      }
      FieldValues fields = new FieldValues(names, values);
      return new Token(KEY, null, null, fields, null, time, false, false, false, null, null);
    }
  }

  /** Epoch milliseconds of a BIGINT, a TIMESTAMP (in UTC) or a TIMESTAMP_LTZ; null for NULL. */
  static Long millis(Object time) {
    if (time == null) {
      return null;
    }
    if (time instanceof Instant instant) {
      return instant.toEpochMilli();
    }
    if (time instanceof LocalDateTime local) {
      return local.toInstant(ZoneOffset.UTC).toEpochMilli();
    }
    return ((Number) time).longValue();
  }
}
