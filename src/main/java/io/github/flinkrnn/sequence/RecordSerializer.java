package io.github.flinkrnn.sequence;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The base class of the serializers of the records. The Flink serializer for a record
 * (PojoSerializer) reads each field by reflection, and writes one byte per field to say whether it
 * is null.
 *
 * <p>A copy is the record itself, unless a serializer overrides this. That is safe because records
 * are immutable: their fields are final, and arrays that are passed in must not be changed
 * afterwards.
 *
 * <p><b>Formats.</b> A record consists of its length in bytes, a number whose bits say which fields
 * are present, and these fields. The {@link Format}, stored with managed state, determines which
 * bits are defined. A later version gives a new field the next bit and increments the format
 * number. It can then read records of the old format, in which that bit is not set, but an old
 * version does not read the new format.
 *
 * <p>Not thread-safe, as Flink allows: each thread uses its own {@link #duplicate}.
 *
 * @serial exclude
 */
@Internal
public abstract class RecordSerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1L;

  private final String what;
  private transient RecordBytes bytes;

  /**
   * @param what the kind of record, for error messages: "a token"
   */
  protected RecordSerializer(String what) {
    this.what = what;
  }

  /** Writes the parts of a record, without its length. */
  public abstract void write(T record, RecordBytes to) throws IOException;

  /** Reads a record that {@link #write} has written. */
  public abstract T read(RecordBytes from) throws IOException;

  @Override
  public final void serialize(T record, DataOutputView target) throws IOException {
    RecordBytes to = bytes();
    to.begin();
    write(record, to);
    to.end(target);
  }

  /** The number of bytes that {@link #serialize} writes for the record. */
  public final int serializedBytes(T record) throws IOException {
    RecordBytes to = bytes();
    to.begin();
    write(record, to);
    return to.endUnwritten();
  }

  @Override
  public final T deserialize(DataInputView source) throws IOException {
    RecordBytes from = bytes();
    from.load(source);
    T record = read(from);
    from.finish();
    return record;
  }

  @Override
  public final T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public final void copy(DataInputView source, DataOutputView target) throws IOException {
    RecordBytes passed = bytes();
    passed.load(source);
    passed.copyTo(target);
  }

  private RecordBytes bytes() {
    if (bytes == null) {
      bytes = new RecordBytes(what);
    }
    return bytes;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public final TypeSerializer<T> duplicate() {
    return snapshotConfiguration().restoreSerializer();
  }

  @Override
  public final int getLength() {
    return -1;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof RecordSerializer<?> that && that.what.equals(what);
  }

  @Override
  public final int hashCode() {
    return what.hashCode();
  }

  /**
   * The format number of the records in a savepoint. If it is not supported (a savepoint of a later
   * version), the restore fails with a message that says so.
   */
  public abstract static class Format<T> implements TypeSerializerSnapshot<T> {
    private final String what;
    private final int current;
    private final Supplier<RecordSerializer<T>> serializer;

    /**
     * @param current the format number that is written; formats 1 to this one can be read
     */
    protected Format(String what, int current, Supplier<RecordSerializer<T>> serializer) {
      this.what = what;
      this.current = current;
      this.serializer = serializer;
    }

    @Override
    public final int getCurrentVersion() {
      return current;
    }

    @Override
    public final void writeSnapshot(DataOutputView out) {
      // Flink itself writes the format number, and there is nothing else to write.
    }

    @Override
    public final void readSnapshot(int format, DataInputView in, ClassLoader loader)
        throws IOException {
      if (format < 1 || format > current) {
        String read = current == 1 ? "1" : "1 to " + current;
        throw new IOException(what + ": expected format " + read + ", found format " + format);
      }
    }

    @Override
    public final TypeSerializer<T> restoreSerializer() {
      return serializer.get();
    }

    @Override
    public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
        TypeSerializerSnapshot<T> old) {
      return old.getClass() == getClass()
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
