package io.github.flinkrnn.sequence;

import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized form of a rejected record, format 1, in the parts that {@link RecordBytes}
 * defines:
 *
 * <pre>
 * number   how many bytes follow
 * number   which optional fields are present; always 0
 * string   reason, as in dead letters
 * string   detail
 * record   as {@link SourceRecordSerializer} writes it, without its length
 * </pre>
 */
@Internal
public final class RejectedRecordSerializer extends RecordSerializer<RejectedRecord> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a rejected record";

  private static final int FIELDS = 0;
  private static final int FORMAT = 1;

  public RejectedRecordSerializer() {
    super(WHAT);
  }

  @Override
  public void write(RejectedRecord rejected, RecordBytes to) throws IOException {
    to.number(0);
    to.text(rejected.reason().text());
    to.text(rejected.detail());
    SourceRecordSerializer.writeFields(rejected.record(), to);
  }

  @Override
  public RejectedRecord read(RecordBytes from) throws IOException {
    from.readPresence(FIELDS);
    return new RejectedRecord(
        reason(from.readText()), from.readText(), SourceRecordSerializer.readFields(from));
  }

  private static Reason reason(String text) throws IOException {
    for (Reason reason : Reason.values()) {
      if (reason.text().equals(text)) {
        return reason;
      }
    }
    throw new IOException(
        WHAT + ": expected a reason of this version of flink-rnn, found '" + text + "'");
  }

  @Override
  public RejectedRecord createInstance() {
    return new RejectedRecord(Reason.EMPTY, "", new SourceRecord(null, null, 0, null, null));
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
}
