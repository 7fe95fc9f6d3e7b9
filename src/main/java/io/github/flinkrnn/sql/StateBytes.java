package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.SequenceStateSerializer;
import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** States as bytes: the format, and the state as its serializer writes it. Not thread-safe. */
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
    if (bytes[0] != FORMAT) {
      throw new IOException("expected a state of format " + FORMAT + ", found " + bytes[0]);
    }
    in.setBuffer(bytes, 1, bytes.length - 1);
    return serializer.deserialize(in);
  }

  byte[] write(SequenceState state) throws IOException {
    out.clear();
    out.writeByte(FORMAT);
    serializer.serialize(state, out);
    return out.getCopyOfBuffer();
  }
}
