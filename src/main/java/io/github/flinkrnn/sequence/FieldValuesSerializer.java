package io.github.flinkrnn.sequence;

import java.io.IOException;
import java.math.BigInteger;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized form of the values of named fields, format 1, in the parts that {@link
 * RecordBytes} defines:
 *
 * <pre>
 * number   how many bytes follow
 * names    a string: the names, each followed by U+0000
 * values   for each name a number, the kind of the value, and then
 *          0 null, 1 false, 2 true: nothing
 *          3 an integer of 64 bits: signed
 *          4 another number: the bits of a double (fixed)
 *          5 a string: string
 *          6 an array of numbers: count (number), the bits of a double (fixed) for each
 *          7 a larger integer: its digits (string)
 * </pre>
 */
@Internal
public final class FieldValuesSerializer extends RecordSerializer<FieldValues> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "the values of fields";

  private static final int NULL = 0;
  private static final int FALSE = 1;
  private static final int TRUE = 2;
  private static final int INTEGER = 3;
  private static final int NUMBER = 4;
  private static final int STRING = 5;
  private static final int ARRAY = 6;
  private static final int LARGE_INTEGER = 7;
  private static final int FORMAT = 1;

  public FieldValuesSerializer() {
    super(WHAT);
  }

  @Override
  public void write(FieldValues values, RecordBytes to) throws IOException {
    writeFields(values, to);
  }

  @Override
  public FieldValues read(RecordBytes from) throws IOException {
    return readFields(from);
  }

  /** Writes the names and values, also for use inside another record. */
  static void writeFields(FieldValues values, RecordBytes to) throws IOException {
    to.names(values.names());
    for (int i = 0; i < values.names().length; i++) {
      writeValue(values.value(i), to);
    }
  }

  private static void writeValue(Object value, RecordBytes to) throws IOException {
    if (value == null) {
      to.number(NULL);
    } else if (value instanceof String text) {
      to.number(STRING);
      to.text(text);
    } else if (value instanceof Long number) {
      to.number(INTEGER);
      to.signedNumber(number);
    } else if (value instanceof Double number) {
      to.number(NUMBER);
      to.fixed(Double.doubleToRawLongBits(number));
    } else if (value instanceof Boolean flag) {
      to.number(flag ? TRUE : FALSE);
    } else if (value instanceof double[] numbers) {
      to.number(ARRAY);
      to.number(numbers.length);
      for (double number : numbers) {
        to.fixed(Double.doubleToRawLongBits(number));
      }
    } else if (value instanceof BigInteger number) {
      to.number(LARGE_INTEGER);
      to.text(number.toString());
    } else {
      throw new IOException(WHAT + ": expected a normal value, found " + value.getClass());
    }
  }

  /** Reads what {@link #writeFields} wrote. */
  static FieldValues readFields(RecordBytes from) throws IOException {
    String[] names = from.readNames();
    Object[] values = new Object[names.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = readValue(from);
    }
    return new FieldValues(names, values);
  }

  private static Object readValue(RecordBytes from) throws IOException {
    int kind = (int) Math.min(Integer.MAX_VALUE, from.readNumber() & Long.MAX_VALUE);
    return switch (kind) {
      case NULL -> null;
      case FALSE -> false;
      case TRUE -> true;
      case INTEGER -> (Long) from.readSignedNumber();
      case NUMBER -> (Double) Double.longBitsToDouble(from.readFixed());
      case STRING -> present(from.readRecentText());
      case ARRAY -> {
        double[] numbers = new double[from.readCount(Long.BYTES)];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = Double.longBitsToDouble(from.readFixed());
        }
        yield numbers;
      }
      case LARGE_INTEGER -> integer(present(from.readText()));
      default -> throw new IOException(WHAT + ": expected a kind from 0 to 7, found " + kind);
    };
  }

  private static <T> T present(T text) throws IOException {
    if (text == null) {
      throw new IOException(WHAT + ": expected a string, found none");
    }
    return text;
  }

  private static BigInteger integer(String digits) throws IOException {
    if (!digits.matches("-?[0-9]{1,10000}")) {
      throw new IOException(WHAT + ": expected an integer, found other characters");
    }
    return new BigInteger(digits);
  }

  @Override
  public FieldValues createInstance() {
    return new FieldValues(new String[0], new Object[0]);
  }

  @Override
  public TypeSerializerSnapshot<FieldValues> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of field values in a savepoint. */
  public static final class Snapshot extends Format<FieldValues> {
    public Snapshot() {
      super(WHAT, FORMAT, FieldValuesSerializer::new);
    }
  }
}
