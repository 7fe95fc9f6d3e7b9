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
 * What the serializers of the records share. Flink's own for a record (PojoSerializer) gets each
 * field by reflection, and writes a byte a field to say whether it is null.
 *
 * <p>A copy is the record itself, where a serializer does not say otherwise. That is safe because a
 * record is immutable: its fields are final, and whoever makes one gives up the arrays in it, which
 * nobody writes to from then on.
 *
 * <p><b>Formats.</b> A record is the number of its bytes, and in them the number whose bits say
 * which fields are there, and these fields. The {@link Format} beside managed state says which bits
 * there are. A later version gives a new field the next bit and raises the number: it reads records
 * of this one as they are, without that bit; this one refuses its records.
 *
 * <p>Not thread-safe, as Flink allows: it asks each thread's own {@link #duplicate}.
 */
@Internal
public abstract class RecordSerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1L;

  private final String what;
  private transient RecordBytes bytes;

  /**
   * @param what the record is, for errors: "a token"
   */
  protected RecordSerializer(String what) {
    this.what = what;
  }

  /** Writes the pieces of a record, without their length. */
  public abstract void write(T record, RecordBytes to) throws IOException;

  /** Reads what {@link #write} has written. */
  public abstract T read(RecordBytes from) throws IOException;

  @Override
  public final void serialize(T record, DataOutputView target) throws IOException {
    RecordBytes to = bytes();
    to.begin();
    write(record, to);
    to.end(target);
  }

  /** How many bytes {@link #serialize} writes of the record. */
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
   * Stands in a savepoint beside what is kept of a record, and says which format it has. One that
   * this build does not know (a savepoint of a later version) ends the restore with that message.
   */
  public abstract static class Format<T> implements TypeSerializerSnapshot<T> {
    private final String what;
    private final int current;
    private final Supplier<RecordSerializer<T>> serializer;

    /**
     * @param current the number that is written; all from 1 to it are read
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
      // The format's number, which Flink writes before this, says all.
    }

    @Override
    public final void readSnapshot(int format, DataInputView in, ClassLoader loader)
        throws IOException {
      if (format < 1 || format > current) {
        String read = current == 1 ? "1" : "1 to " + current;
        throw new IOException(
            what + " of format " + format + ", this version of flink-rnn reads " + read);
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
