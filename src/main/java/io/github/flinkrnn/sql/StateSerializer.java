package io.github.flinkrnn.sql;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes the accumulator of {@code RNN}: the length of a state's bytes, and {@linkplain
 * StateBytes the bytes}, whose first is their format; length 0 before the first step.
 */
final class StateSerializer extends TypeSerializerSingleton<Rnn.State> {
  private static final long serialVersionUID = 1L;
  private static final int MOST_BYTES = 64 << 20; // far above the state of any model

  private transient StateBytes bytes;

  private StateBytes bytes() {
    if (bytes == null) {
      bytes = new StateBytes();
    }
    return bytes;
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
    byte[] written = state.sequence == null ? new byte[0] : bytes().write(state.sequence);
    target.writeInt(written.length);
    target.write(written);
  }

  @Override
  public Rnn.State deserialize(DataInputView source) throws IOException {
    Rnn.State state = new Rnn.State();
    int length = source.readInt();
    if (length < 0 || length > MOST_BYTES) {
      throw new IOException("RNN: expected at most " + MOST_BYTES + " bytes, found " + length);
    }
    if (length > 0) {
      byte[] read = new byte[length];
      source.readFully(read);
      state.sequence = bytes().read(read);
    }
    return state;
  }

  @Override
  public Rnn.State deserialize(Rnn.State reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    int length = source.readInt();
    target.writeInt(length);
    target.write(source, length);
  }

  @Override
  public TypeSerializerSnapshot<Rnn.State> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Only the bytes have a format. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Rnn.State> {
    /** For Flink. */
    public Snapshot() {
      super(StateSerializer::new);
    }
  }
}
