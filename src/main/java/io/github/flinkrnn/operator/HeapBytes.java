package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.Undecided;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * How much of the heap keys and states take. References are assumed to be compressed, which is the
 * JVM's default for a heap below 32 GB.
 */
final class HeapBytes {
  /** An entry of {@link StateCache}, with its places in a hash map and a list. */
  private static final long ENTRY = 48 + 32 + 16;

  private static final long STATE = 64;
  private static final long POSITION = 72;
  private static final long ARRAY = 16;
  private static final long STRING = 24 + ARRAY;

  /** The objects of a token, its strings and its record. */
  private static final long TOKEN = 320;

  /** Objects around what is serialized. */
  private static final long OBJECTS = 512;

  private final TypeSerializer<Object> keys;
  private final SequenceStateSerializer states = new SequenceStateSerializer();
  private final DataOutputSerializer out = new DataOutputSerializer(64);

  /**
   * @param keys the serializer of the keys
   */
  @SuppressWarnings("unchecked")
  HeapBytes(TypeSerializer<?> keys) {
    this.keys = (TypeSerializer<Object>) keys;
  }

  /** The size of a key, with all that the cache needs for it. */
  long ofKey(Object key) {
    if (key instanceof String string) {
      boolean isLatin = string.chars().allMatch(c -> c < 256);
      return ENTRY + round(STRING + (isLatin ? 1L : 2L) * string.length());
    }
    return ENTRY + serialized(() -> keys.serialize(key, out));
  }

  /** The size of a state. */
  long ofState(SequenceState state) {
    long bytes = STATE;
    if (state.values() != null) {
      bytes += round(ARRAY + Float.BYTES * (long) state.values().length);
    }
    if (state.position() != null) {
      bytes += POSITION;
    }
    if (state.last() != null) {
      bytes += serialized(() -> states.serialize(state, out));
    }
    if (state.last() == null && state.undecided() != null) {
      for (Token token : state.undecided().tokens()) {
        bytes += ofToken(token);
      }
    }
    return bytes;
  }

  /** Rather too much: an ASCII character may take two bytes. */
  private static long ofToken(Token token) {
    return TOKEN + 2 * Undecided.bytes(token);
  }

  private interface Serialization {
    void run() throws IOException;
  }

  /** Rather too much: an ASCII character may take two bytes, and there are headers of objects. */
  private long serialized(Serialization of) {
    out.clear();
    try {
      of.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // out is in memory
    }
    return OBJECTS + 2L * out.length();
  }

  private static long round(long bytes) {
    return bytes + 7 & -8;
  }
}
