package io.github.flinkrnn.sql;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** States as bytes, as {@link StateSerializer} writes them. Not thread-safe. */
final class StateBytes {
  private final StateSerializer serializer = new StateSerializer();
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
    return serializer.deserialize(in);
  }

  byte[] write(SequenceState state) throws IOException {
    out.clear();
    serializer.serialize(state, out);
    return out.getCopyOfBuffer();
  }
}
