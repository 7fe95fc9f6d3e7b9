package io.github.flinkrnn.sql;

import io.github.flinkrnn.rules.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.table.types.DataType;

/**
 * The accumulator of {@code RNN}, for one model: the state of a sequence in an array of {@code
 * INT}. It holds these parts, each little-endian:
 *
 * <pre>
 * 4 bytes   the number of this format, 1
 * 8 bytes   the model's fingerprint
 * 8 bytes   t, from 1
 * 8 bytes   the event time of the token of step t, in epoch milliseconds; only if the model needs it
 * 4 bytes   for each float that is kept
 * </pre>
 *
 * An empty array is no sequence. A step changes the bytes of Flink's array where they are, so that
 * no new array is made. Flink lets a function change its accumulator, but not replace it: if the
 * state of another model has another length, the array is made to point to other bytes. Not
 * thread-safe.
 */
final class StateArray {
  /** An internal type of Flink, which is not converted. */
  static final DataType TYPE =
      DataTypes.ARRAY(DataTypes.INT().notNull()).notNull().bridgedTo(ArrayData.class);

  private static final int FORMAT = 1;
  private static final int MODEL_AT = 4;
  private static final int T_AT = 12;
  private static final int TIME_AT = 20;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long model;
  private final boolean hasTime;
  private final int valuesAt;
  private final int words;
  private final float[] values; // read last
  private long t; // read last
  private long time; // read last

  /**
   * @param model its fingerprint
   * @param floats how many are kept
   * @param hasTime whether the event time of the last token is kept
   */
  StateArray(long model, int floats, boolean hasTime) {
    this.model = model;
    this.hasTime = hasTime;
    values = new float[floats];
    valuesAt = hasTime ? TIME_AT + Long.BYTES : TIME_AT;
    words = valuesAt / Integer.BYTES + floats;
  }

  /** An array without a sequence. */
  static ArrayData empty() {
    return BinaryArrayData.fromPrimitiveArray(new int[0]);
  }

  /**
   * Reads the state of an array.
   *
   * @return the floats, in an array that the next state uses again; null if there is no sequence of
   *     this model
   */
  float[] read(ArrayData state) {
    BinaryArrayData array = (BinaryArrayData) state;
    t = 0;
    time = Position.NONE;
    if (array.size() == 0) {
      return null;
    }
    byte[] bytes = bytes(array);
    int at = at(array);
    int format = (int) INTS.get(bytes, at);
    if (format != FORMAT) {
      throw new IllegalStateException("expected a state of format " + FORMAT + ", found " + format);
    }
    if (array.size() != words || (long) LONGS.get(bytes, at + MODEL_AT) != model) {
      return null;
    }
    t = (long) LONGS.get(bytes, at + T_AT);
    if (hasTime) {
      time = (long) LONGS.get(bytes, at + TIME_AT);
    }
    floats(bytes, at).get(values);
    return values;
  }

  /** The event time of the state that was read last; {@link Position#NONE} for none. */
  long time() {
    return time;
  }

  /**
   * Replaces the state that was read last by the one of the next step.
   *
   * @param state that was read last
   * @param next the floats to keep
   * @param nextTime the event time of the token, if it is kept
   * @return t of the step
   */
  long write(ArrayData state, float[] next, long nextTime) {
    BinaryArrayData array = (BinaryArrayData) state;
    if (array.size() != words) {
      pointTo(BinaryArrayData.fromPrimitiveArray(new int[words]), array);
    }
    byte[] bytes = bytes(array);
    int at = at(array);
    t++;
    INTS.set(bytes, at, FORMAT);
    LONGS.set(bytes, at + MODEL_AT, model);
    LONGS.set(bytes, at + T_AT, t);
    if (hasTime) {
      LONGS.set(bytes, at + TIME_AT, nextTime);
    }
    floats(bytes, at).put(next);
    return t;
  }

  /** The bytes that hold an array, from its offset. */
  private static byte[] bytes(BinaryArrayData array) {
    MemorySegment[] segments = array.getSegments();
    if (segments.length > 1 || segments[0].isOffHeap()) { // as a row in pages of managed memory
      pointTo(array.copy(), array);
      segments = array.getSegments();
    }
    return segments[0].getArray();
  }

  /** Where the elements of an array begin in its bytes. */
  private static int at(BinaryArrayData array) {
    return array.getOffset() + BinaryArrayData.calculateHeaderInBytes(array.size());
  }

  private static void pointTo(BinaryArrayData other, BinaryArrayData array) {
    array.pointTo(other.getSegments(), other.getOffset(), other.getSizeInBytes());
  }

  private FloatBuffer floats(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .position(at + valuesAt)
        .asFloatBuffer();
  }
}
