package io.github.flinkrnn.sql;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.binary.BinaryRawValueData;

/**
 * States as bytes, as {@link StateSerializer} writes them: in an array, or in a value of type RAW,
 * whose bytes can be replaced. Not thread-safe.
 */
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
    return bytes == null ? null : read(bytes, 0, bytes.length);
  }

  private SequenceState read(byte[] bytes, int from, int length) throws IOException {
    in.setBuffer(bytes, from, length);
    return serializer.deserialize(in);
  }

  byte[] write(SequenceState state) throws IOException {
    out.clear();
    serializer.serialize(state, out);
    return out.getCopyOfBuffer();
  }

  /** A value without a state: it has no bytes. */
  static RawValueData<SequenceState> none() {
    return RawValueData.fromBytes(new byte[0]);
  }

  /** The state in the bytes of this value; an empty one for none. */
  SequenceState read(RawValueData<SequenceState> value) throws IOException {
    BinaryRawValueData<SequenceState> raw = (BinaryRawValueData<SequenceState>) value;
    if (raw.getSizeInBytes() == 0) {
      return new SequenceState();
    }
    MemorySegment[] segments = raw.getSegments();
    if (segments.length > 1 || segments[0].isOffHeap()) {
      return read(raw.toBytes(serializer));
    }
    return read(segments[0].getArray(), raw.getOffset(), raw.getSizeInBytes());
  }

  /**
   * Replaces the state in this value. If it takes as many bytes as before, which is so for nearly
   * every step, the bytes are changed in place.
   */
  void write(SequenceState state, RawValueData<SequenceState> value) throws IOException {
    BinaryRawValueData<SequenceState> raw = (BinaryRawValueData<SequenceState>) value;
    out.clear();
    serializer.serialize(state, out);
    MemorySegment[] segments = raw.getSegments();
    if (segments.length == 1 && raw.getSizeInBytes() == out.length()) {
      segments[0].put(raw.getOffset(), out.getSharedBuffer(), 0, out.length());
    } else {
      byte[] bytes = out.getCopyOfBuffer();
      raw.getBinarySection().pointTo(MemorySegmentFactory.wrap(bytes), 0, bytes.length);
    }
  }
}
