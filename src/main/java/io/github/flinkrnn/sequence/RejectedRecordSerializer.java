package io.github.flinkrnn.sequence;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The bytes of a rejected record, format 2, in the pieces of {@link RecordBytes}:
 *
 * <pre>
 * number   of the bytes that follow
 * number   which fields are there, a bit each, the lowest first: key, value, origin (of format 1,
 *          in place of the record), record
 * text     reason, as dead letters spell it
 * text     detail
 * record   as {@link SourceRecordSerializer} writes it, without the number of its bytes
 * </pre>
 */
public final class RejectedRecordSerializer extends RecordSerializer<RejectedRecord> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a rejected record";

  private static final int KEY = 1;
  private static final int VALUE = 1 << 1;
  private static final int ORIGIN = 1 << 2;
  private static final int RECORD = 1 << 3;
  private static final int FIELDS = 4;
  private static final int FORMAT = 2; // 1 had key, value, length and origin for its record

  private transient LastText topic;

  public RejectedRecordSerializer() {
    super(WHAT);
  }

  @Override
  public void write(RejectedRecord rejected, RecordBytes to) throws IOException {
    to.number(RECORD);
    to.text(rejected.reason().text());
    to.text(rejected.detail());
    SourceBytes.write(rejected.record(), to);
  }

  @Override
  public RejectedRecord read(RecordBytes from) throws IOException {
    if (topic == null) {
      topic = new LastText();
    }
    long there = from.readPresence(FIELDS);
    return new RejectedRecord(
        reason(from.readText()),
        from.readText(),
        (there & RECORD) == 0 ? recordOfFormat1(there, from) : SourceBytes.read(from, topic));
  }

  private SourceRecord recordOfFormat1(long there, RecordBytes from) throws IOException {
    return new SourceRecord(
        (there & KEY) == 0 ? null : from.readBytes(),
        (there & VALUE) == 0 ? null : from.readBytes(),
        from.readNumber(),
        null,
        (there & ORIGIN) == 0 ? null : SourceBytes.readOrigin(from, topic));
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
    return new RejectedRecord(Reason.EMPTY, "", new SourceRecord(null, null, 0, null, null));
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
      super(WHAT, FORMAT, RejectedRecordSerializer::new);
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
              "record",
              TypeInformation.of(SourceRecord.class)),
          new RejectedRecordSerializer());
    }
  }
}
