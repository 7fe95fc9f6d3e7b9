package io.github.flinkrnn.operator;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The bytes of a hidden state, format 2: the model's fingerprint (8 bytes), t and the expiry
 * (variable length: 7 bits a byte, low bits first, the top bit says that more follow), the number
 * of values (likewise) and the values (4 bytes each, IEEE 754 bits, big-endian). With an expiry and
 * t below 2 million that is 19 bytes beside the values. Where {@link #TIMED} is added to the number
 * of values, the time of the last record follows it (likewise; format 1 never has it).
 *
 * <p>Not thread-safe, as Flink allows: it asks each thread's own {@link #duplicate}.
 */
public final class HiddenStateSerializer extends TypeSerializer<HiddenState> {
  private static final long serialVersionUID = 1L;
  private static final int MAX_VALUES = 1 << 24;

  /** Above every number of values. */
  private static final long TIMED = 1 << 25;

  /** Floats that are handed to a view at once: it takes a call and a check for each byte alone. */
  private static final int PIECE = 1024;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  static final HiddenStateSerializer INSTANCE = new HiddenStateSerializer();

  private transient byte[] piece;

  @Override
  public void serialize(HiddenState state, DataOutputView target) throws IOException {
    target.writeLong(state.model());
    writeVariable(state.t(), target);
    writeVariable(state.expires(), target);
    float[] values = state.values();
    if (state.time() == 0) {
      writeVariable(values.length, target);
    } else {
      writeVariable(values.length + TIMED, target);
      writeVariable(state.time(), target);
    }
    byte[] piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int floats = Math.min(values.length - from, PIECE);
      for (int i = 0; i < floats; i++) {
        INTS.set(piece, i * Float.BYTES, Float.floatToRawIntBits(values[from + i]));
      }
      target.write(piece, 0, floats * Float.BYTES);
    }
  }

  @Override
  public HiddenState deserialize(DataInputView source) throws IOException {
    long model = source.readLong();
    long t = readVariable(source);
    long expires = readVariable(source);
    long lengthAndTimed = readVariable(source);
    float[] values = new float[length(lengthAndTimed)];
    long time = isTimed(lengthAndTimed) ? readVariable(source) : 0;
    byte[] piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int floats = Math.min(values.length - from, PIECE);
      source.readFully(piece, 0, floats * Float.BYTES);
      for (int i = 0; i < floats; i++) {
        values[from + i] = Float.intBitsToFloat((int) INTS.get(piece, i * Float.BYTES));
      }
    }
    return new HiddenState(model, t, expires, time, values);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    target.writeLong(source.readLong());
    writeVariable(readVariable(source), target);
    writeVariable(readVariable(source), target);
    long lengthAndTimed = readVariable(source);
    int length = length(lengthAndTimed);
    writeVariable(lengthAndTimed, target);
    if (isTimed(lengthAndTimed)) {
      writeVariable(readVariable(source), target);
    }
    // Not target.write(source, bytes): Flink's DataOutputSerializer does not grow for that.
    byte[] piece = piece();
    for (int from = 0; from < length; from += PIECE) {
      int bytes = Math.min(length - from, PIECE) * Float.BYTES;
      source.readFully(piece, 0, bytes);
      target.write(piece, 0, bytes);
    }
  }

  private byte[] piece() {
    if (piece == null) {
      piece = new byte[PIECE * Float.BYTES];
    }
    return piece;
  }

  /** Bytes of a state of so many values with an expiry of this century and t below two million. */
  static int bytes(int values) {
    int lengthBytes = 1;
    for (int rest = values; rest > 0x7f; rest >>>= 7) {
      lengthBytes++;
    }
    return Long.BYTES + 3 + 6 + lengthBytes + values * Float.BYTES;
  }

  private static boolean isTimed(long lengthAndTimed) {
    return (lengthAndTimed & TIMED) != 0;
  }

  private static int length(long lengthAndTimed) throws IOException {
    long length = lengthAndTimed & ~TIMED;
    if (length < 0 || length > MAX_VALUES) {
      throw new IOException("a hidden state of " + length + " values");
    }
    return (int) length;
  }

  private static void writeVariable(long number, DataOutputView target) throws IOException {
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      target.writeByte((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    target.writeByte((int) rest);
  }

  private static long readVariable(DataInputView source) throws IOException {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = source.readByte();
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new EOFException("a number in a hidden state does not end");
  }

  @Override
  public HiddenStateSerializer duplicate() {
    return new HiddenStateSerializer();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HiddenStateSerializer;
  }

  @Override
  public int hashCode() {
    return HiddenStateSerializer.class.hashCode();
  }

  @Override
  public boolean isImmutableType() {
    return false; // the heap backend copies it while a snapshot may read it
  }

  @Override
  public HiddenState createInstance() {
    return new HiddenState(0, 0, 0, 0, new float[0]);
  }

  @Override
  public HiddenState copy(HiddenState from) {
    return from.copy();
  }

  @Override
  public HiddenState copy(HiddenState from, HiddenState reuse) {
    return from.copy();
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public HiddenState deserialize(HiddenState reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public TypeSerializerSnapshot<HiddenState> snapshotConfiguration() {
    return new Snapshot();
  }

  /**
   * Stands in a savepoint beside the state and says which format it has. A format that this build
   * does not know (a savepoint of a later version) ends the restore with that message.
   */
  public static final class Snapshot implements TypeSerializerSnapshot<HiddenState> {
    private static final int FORMAT = 2;

    @Override
    public int getCurrentVersion() {
      return FORMAT;
    }

    @Override
    public void writeSnapshot(DataOutputView out) {
      // The format's number, which Flink writes before this, says all.
    }

    @Override
    public void readSnapshot(int format, DataInputView in, ClassLoader loader) throws IOException {
      if (format < 1 || format > FORMAT) {
        throw new IOException(
            "hidden state of format "
                + format
                + ", this version of flink-rnn reads 1 to "
                + FORMAT);
      }
    }

    @Override
    public TypeSerializer<HiddenState> restoreSerializer() {
      return new HiddenStateSerializer();
    }

    @Override
    public TypeSerializerSchemaCompatibility<HiddenState> resolveSchemaCompatibility(
        TypeSerializerSnapshot<HiddenState> old) {
      return old instanceof Snapshot
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
