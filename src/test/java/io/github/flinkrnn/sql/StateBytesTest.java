package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.binary.BinaryRawValueData;
import org.apache.flink.table.runtime.typeutils.RawValueDataSerializer;
import org.junit.jupiter.api.Test;

/** The state of a sequence in the bytes of an array and of a RAW value. */
class StateBytesTest {
  private static final float[] A = {1, -0.0f, Float.MIN_VALUE};

  private final StateBytes bytes = new StateBytes();

  private static SequenceState state(long t, float... values) {
    SequenceState state = new SequenceState();
    state.become(77, t, 0, 0, 5, values);
    return state;
  }

  private static void assertIs(SequenceState found, long t, float... values) {
    assertThat(found.model()).isEqualTo(77);
    assertThat(found.t()).isEqualTo(t);
    assertThat(found.stepTime()).isEqualTo(5);
    assertThat(found.values()).isEqualTo(values);
  }

  /** A value whose bytes are those of a row from 40. */
  private static RawValueData<SequenceState> inRow(byte[] own, byte[] row) {
    System.arraycopy(own, 0, row, 40, own.length);
    MemorySegment[] segments = {MemorySegmentFactory.wrap(row)};
    return new BinaryRawValueData<>(segments, 40, own.length);
  }

  @Test
  void anArrayHasTheState() throws IOException {
    assertIs(bytes.read(bytes.write(state(3, A))), 3, A);
    assertThat(bytes.read((byte[]) null)).isNull();
  }

  @Test
  void aValueWithoutBytesIsAnEmptyState() throws IOException {
    SequenceState empty = bytes.read(StateBytes.none());
    assertThat(empty.isEmpty()).isTrue();
  }

  @Test
  void asManyBytesAreReplacedInPlace() throws IOException {
    byte[] own = bytes.write(state(3, A));
    byte[] row = new byte[100];
    RawValueData<SequenceState> value = inRow(own, row);
    bytes.write(state(4, 7, 8, 9), value);
    assertIs(bytes.read(value), 4, 7, 8, 9);
    assertIs(bytes.read(Arrays.copyOfRange(row, 40, 40 + own.length)), 4, 7, 8, 9);
    assertThat(Arrays.copyOf(row, 40)).containsOnly(0);
    assertThat(Arrays.copyOfRange(row, 40 + own.length, 100)).containsOnly(0);
  }

  @Test
  void otherBytesReplaceTheValueAndNotItsNeighbours() throws IOException {
    byte[] own = bytes.write(state(3, A));
    byte[] row = new byte[100];
    RawValueData<SequenceState> value = inRow(own, row);
    for (float[] values : new float[][] {{1, 2, 3, 4}, {1}, new float[1000]}) {
      bytes.write(state(200, values), value);
      assertIs(bytes.read(value), 200, values);
    }
    assertIs(bytes.read(Arrays.copyOfRange(row, 40, 40 + own.length)), 3, A);
  }

  @Test
  void segmentsOfAnyKindAreRead() throws IOException {
    byte[] own = bytes.write(state(3, A));
    MemorySegment direct = MemorySegmentFactory.allocateUnpooledOffHeapMemory(own.length);
    direct.put(0, own);
    MemorySegment[] two = {
      MemorySegmentFactory.wrap(Arrays.copyOf(own, 8)),
      MemorySegmentFactory.wrap(Arrays.copyOfRange(own, 8, 16)),
      MemorySegmentFactory.wrap(Arrays.copyOfRange(own, 16, own.length))
    };
    for (MemorySegment[] segments : new MemorySegment[][] {{direct}, two}) {
      BinaryRawValueData<SequenceState> value = new BinaryRawValueData<>(segments, 0, own.length);
      assertIs(bytes.read(value), 3, A);
      bytes.write(state(4, A), value);
      assertIs(bytes.read(value), 4, A);
    }
  }

  /** As a state backend does for a snapshot: a copy does not change with the original. */
  @Test
  void aCopyKeepsTheState() throws IOException {
    RawValueDataSerializer<SequenceState> serializer =
        new RawValueDataSerializer<>(new StateSerializer());
    RawValueData<SequenceState> value = RawValueData.fromBytes(bytes.write(state(3, A)));
    RawValueData<SequenceState> copy = serializer.copy(value);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    bytes.write(state(4, 7, 8, 9), value);
    assertIs(bytes.read(copy), 3, A);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    assertIs(bytes.read(serializer.deserialize(in)), 3, A);
    assertIs(copy.toObject(new StateSerializer()), 3, A);
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    byte[] other = bytes.write(state(3, A));
    other[0] = 2;
    assertThatThrownBy(() -> bytes.read(other))
        .isInstanceOf(IOException.class)
        .hasMessage("expected a state of format 1, found 2");
  }
}
