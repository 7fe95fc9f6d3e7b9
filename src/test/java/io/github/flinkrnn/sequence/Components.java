package io.github.flinkrnn.sequence;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** The components of a record for comparisons, because records compare arrays by identity. */
public final class Components {
  private Components() {}

  /** The components in an array, for deep comparison. Floats are compared by their bits. */
  public static Object[] of(Object record) {
    if (record instanceof SourceRecord source) {
      return new Object[] {
        source.key(),
        source.value(),
        source.length(),
        source.timestamp(),
        source.origin(),
        source.headers(),
        source.element(),
        source.isKeyed()
      };
    }
    RecordComponent[] components = record.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      try {
        values[i] = bits(components[i].getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
    return values;
  }

  static boolean same(Object a, Object b) {
    return a.getClass() == b.getClass() && Arrays.deepEquals(of(a), of(b));
  }

  private static Object bits(Object value) {
    if (value instanceof SourceRecord record) {
      return of(record);
    }
    if (!(value instanceof float[] floats)) {
      return value;
    }
    int[] bits = new int[floats.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(floats[i]);
    }
    return bits;
  }
}
