package io.github.flinkrnn.sequence;

import static org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The bytes of a source record, format 1, in the pieces of {@link RecordBytes}:
 *
 * <pre>
 * number   of the bytes that follow
 * number   which fields are there, a bit each, the lowest first: key, value, timestamp, origin
 * bytes    key
 * bytes    value
 * number   length
 * signed   timestamp
 * text     topic of the origin, then two numbers: partition, offset
 * </pre>
 *
 * A field whose bit is not set is left out.
 */
public final class SourceRecordSerializer extends RecordSerializer<SourceRecord> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a source record";

  private transient LastText topic;

  public SourceRecordSerializer() {
    super(WHAT);
  }

  @Override
  public void write(SourceRecord record, RecordBytes to) throws IOException {
    SourceBytes.write(record, to);
  }

  @Override
  public SourceRecord read(RecordBytes from) throws IOException {
    if (topic == null) {
      topic = new LastText();
    }
    return SourceBytes.read(from, topic);
  }

  @Override
  public SourceRecord createInstance() {
    return new SourceRecord(null, null, 0, null, null);
  }

  @Override
  public SourceRecordSerializer duplicate() {
    return new SourceRecordSerializer();
  }

  @Override
  public TypeSerializerSnapshot<SourceRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of source records in a savepoint. */
  public static final class Snapshot extends Format<SourceRecord> {
    public Snapshot() {
      super(WHAT, 1, SourceRecordSerializer::new);
    }
  }

  /** Gives a stream of source records this serializer. */
  public static final class OfSourceRecords extends TypeInfoFactory<SourceRecord> {
    @Override
    public TypeInformation<SourceRecord> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return RecordType.of(
          SourceRecord.class,
          Map.of(
              "key",
              BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "value",
              BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "length",
              Types.LONG,
              "timestamp",
              Types.LONG,
              "origin",
              Types.POJO(Origin.class)),
          new SourceRecordSerializer());
    }
  }
}
