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
 * The bytes of a rejected record, format 1, in the pieces of {@link RecordBytes}:
 *
 * <pre>
 * number   of the bytes that follow
 * number   which fields are there, a bit each, the lowest first: key, value, origin
 * text     reason, as dead letters spell it
 * text     detail
 * bytes    key
 * bytes    value
 * number   length
 * text     topic of the origin, then two numbers: partition, offset
 * </pre>
 *
 * A field whose bit is not set is left out.
 */
public final class RejectedRecordSerializer extends RecordSerializer<RejectedRecord> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a rejected record";

  private static final int KEY = 1;
  private static final int VALUE = 1 << 1;
  private static final int ORIGIN = 1 << 2;
  private static final int FIELDS = 3;

  private transient LastText topic;

  public RejectedRecordSerializer() {
    super(WHAT);
  }

  @Override
  void write(RejectedRecord rejected, RecordBytes to) throws IOException {
    to.number(
        (rejected.key() == null ? 0 : KEY)
            | (rejected.value() == null ? 0 : VALUE)
            | (rejected.origin() == null ? 0 : ORIGIN));
    to.text(rejected.reason().text());
    to.text(rejected.detail());
    if (rejected.key() != null) {
      to.bytes(rejected.key());
    }
    if (rejected.value() != null) {
      to.bytes(rejected.value());
    }
    to.number(rejected.length());
    if (rejected.origin() != null) {
      OriginBytes.write(rejected.origin(), to);
    }
  }

  @Override
  RejectedRecord read(RecordBytes from) throws IOException {
    if (topic == null) {
      topic = new LastText();
    }
    long there = from.readPresence(FIELDS);
    return new RejectedRecord(
        reason(from.readText()),
        from.readText(),
        (there & KEY) == 0 ? null : from.readBytes(),
        (there & VALUE) == 0 ? null : from.readBytes(),
        from.readNumber(),
        (there & ORIGIN) == 0 ? null : OriginBytes.read(from, topic));
  }

  private static Reason reason(String text) throws IOException {
    for (Reason reason : Reason.values()) {
      if (reason.text().equals(text)) {
        return reason;
      }
    }
    throw new IOException(WHAT + " for a reason that this version of flink-rnn does not know");
  }

  @Override
  public RejectedRecord createInstance() {
    return new RejectedRecord(Reason.EMPTY, "", null, null, 0, null);
  }

  @Override
  public RejectedRecordSerializer duplicate() {
    return new RejectedRecordSerializer();
  }

  @Override
  public TypeSerializerSnapshot<RejectedRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of rejected records in a savepoint. */
  public static final class Snapshot extends Format<RejectedRecord> {
    public Snapshot() {
      super(WHAT, 1, RejectedRecordSerializer::new);
    }
  }

  /** Gives a stream of rejected records this serializer. */
  public static final class OfRejectedRecords extends TypeInfoFactory<RejectedRecord> {
    @Override
    public TypeInformation<RejectedRecord> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return RecordType.of(
          RejectedRecord.class,
          Map.of(
              "reason",
              Types.ENUM(Reason.class),
              "detail",
              Types.STRING,
              "key",
              BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "value",
              BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "length",
              Types.LONG,
              "origin",
              Types.POJO(Origin.class)),
          new RejectedRecordSerializer());
    }
  }
}
