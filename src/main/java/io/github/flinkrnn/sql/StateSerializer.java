package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.SequenceStateSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes the accumulator of {@code RNN}: a byte, 0 before the first step, else the format of
 * the state, and then the state as the operator's serializer writes it.
 */
final class StateSerializer extends TypeSerializerSingleton<Rnn.State> {
  private static final long serialVersionUID = 1L;
  private static final byte NONE = 0;
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
  public Rnn.State createInstance() {
    return new Rnn.State();
  }

  @Override
  public Rnn.State copy(Rnn.State from) {
    Rnn.State copy = new Rnn.State();
    copy.sequence = from.sequence == null ? null : from.sequence.copy();
    return copy;
  }

  @Override
  public Rnn.State copy(Rnn.State from, Rnn.State reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Rnn.State state, DataOutputView target) throws IOException {
    if (state.sequence == null) {
      target.writeByte(NONE);
    } else {
      target.writeByte(FORMAT);
      states().serialize(state.sequence, target);
    }
  }

  @Override
  public Rnn.State deserialize(DataInputView source) throws IOException {
    Rnn.State state = new Rnn.State();
    if (isThere(source.readByte())) {
      state.sequence = states().deserialize(source);
    }
    return state;
  }

  private static boolean isThere(byte read) throws IOException {
    if (read != NONE && read != FORMAT) {
      throw new IOException("RNN: expected a state of format " + FORMAT + ", found " + read);
    }
    return read == FORMAT;
  }

  @Override
  public Rnn.State deserialize(Rnn.State reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    byte read = source.readByte();
    target.writeByte(read);
    if (isThere(read)) {
      states().copy(source, target);
    }
  }

  @Override
  public TypeSerializerSnapshot<Rnn.State> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format is in the bytes. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Rnn.State> {
    /** For Flink. */
    public Snapshot() {
      super(StateSerializer::new);
    }
  }
}
