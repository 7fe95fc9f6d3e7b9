package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.SequenceStateSerializer;
import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The state of a key as {@code RNN_STEPS} keeps it: a byte with the format, and then the state as
 * the operator's serializer writes it. The format is in the bytes because Flink does not migrate
 * them. Not thread-safe.
 */
final class StateBytes {
  private static final byte FORMAT = 1;

  private final SequenceStateSerializer serializer = new SequenceStateSerializer();
  private final DataInputDeserializer in = new DataInputDeserializer();
  private final DataOutputSerializer out = new DataOutputSerializer(512);

  /**
   * The state in these bytes.
   *
   * @param bytes may be null, for none
   */
  SequenceState read(byte[] bytes) throws IOException {
    if (bytes == null) {
      return null;
    }
    in.setBuffer(bytes);
    byte format = in.readByte();
    if (format != FORMAT) {
      throw new IOException("expected a state of format " + FORMAT + ", found " + format);
    }
    return serializer.deserialize(in);
  }

  byte[] write(SequenceState state) throws IOException {
    out.clear();
    out.writeByte(FORMAT);
    serializer.serialize(state, out);
    return out.getCopyOfBuffer();
  }
}
