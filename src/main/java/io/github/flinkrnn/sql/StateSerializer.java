package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.SequenceStateSerializer;
import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes the state of a key in SQL: a byte with the format, and then the state as the
 * operator's serializer writes it. The format is in the bytes because Flink does not migrate them:
 * it keeps the view of {@code RNN_STEPS} as bytes.
 */
final class StateSerializer extends TypeSerializerSingleton<SequenceState> {
  private static final long serialVersionUID = 1L;
  private static final byte FORMAT = 1;

  private transient SequenceStateSerializer states;

  private SequenceStateSerializer states() {
    if (states == null) {
      states = new SequenceStateSerializer();
    }
    return states;
  }

  /** Has working memory, so each thread needs its own. */
  @Override
  public StateSerializer duplicate() {
    return new StateSerializer();
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public SequenceState createInstance() {
    return new SequenceState();
  }

  @Override
  public SequenceState copy(SequenceState from) {
    return from.copy();
  }

  @Override
  public SequenceState copy(SequenceState from, SequenceState reuse) {
    return from.copy();
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(SequenceState state, DataOutputView target) throws IOException {
    target.writeByte(FORMAT);
    states().serialize(state, target);
  }

  @Override
  public SequenceState deserialize(DataInputView source) throws IOException {
    check(source.readByte());
    return states().deserialize(source);
  }

  @Override
  public SequenceState deserialize(SequenceState reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    byte format = source.readByte();
    check(format);
    target.writeByte(format);
    states().copy(source, target);
  }

  private static void check(byte format) throws IOException {
    if (format != FORMAT) {
      throw new IOException("expected a state of format " + FORMAT + ", found " + format);
    }
  }

  @Override
  public TypeSerializerSnapshot<SequenceState> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format is in the bytes. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SequenceState> {
    /** For Flink. */
    public Snapshot() {
      super(StateSerializer::new);
    }
  }
}
