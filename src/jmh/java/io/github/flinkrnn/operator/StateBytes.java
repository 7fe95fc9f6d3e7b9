package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.core.memory.DataOutputSerializer;

/** The length of the serialized state of a key. */
public final class StateBytes {
  private StateBytes() {}

  /** The bytes of a state with this many floats after 1000 steps, without an idle timeout. */
  public static int of(int floats) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    new SequenceStateSerializer()
        .serialize(
            new SequenceState(Long.MIN_VALUE, 1000, 0, 0, new float[floats], null, null), out);
    return out.length();
  }
}
