package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.Position;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.table.runtime.typeutils.InternalSerializers;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

/** The state of a sequence in an array, on the heap and after Flink's serializer. */
class StateArrayTest {
  private static final long MODEL = 77;
  private static final float[] A = {1, -0.0f, Float.MIN_VALUE};
  private static final float[] B = {7, 8, 9};

  // Flink keeps the accumulators of a window in one row.
  private final TypeSerializer<RowData> serializer =
      InternalSerializers.create(RowType.of(StateArray.TYPE.getLogicalType()));

  private final StateArray timed = new StateArray(MODEL, A.length, true);
  private final StateArray untimed = new StateArray(MODEL, A.length, false);

  /** An array after these steps. */
  private ArrayData array(float[]... steps) {
    ArrayData array = StateArray.empty();
    for (float[] values : steps) {
      step(timed, array, values, 5);
    }
    return array;
  }

  private static long step(StateArray state, ArrayData array, float[] values, long time) {
    state.read(array);
    return state.write(array, values, time);
  }

  private byte[] bytes(ArrayData array) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(GenericRowData.of(array), out);
    return out.getCopyOfBuffer();
  }

  /** The array as Flink gives it to a function after it was stored. */
  private ArrayData stored(ArrayData array) throws IOException {
    return serializer.deserialize(new DataInputDeserializer(bytes(array))).getArray(0);
  }

  /** The array in pieces of 8 bytes, as in pages of Flink's memory, on or off the heap. */
  private static ArrayData inPieces(ArrayData array, boolean offHeap) {
    BinaryArrayData whole = ((BinaryArrayData) array).copy();
    MemorySegment[] pieces = new MemorySegment[(whole.getSizeInBytes() + 3) / 8 + 1];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] =
          offHeap
              ? MemorySegmentFactory.allocateOffHeapUnsafeMemory(8)
              : MemorySegmentFactory.allocateUnpooledSegment(8);
    }
    for (int i = 0; i < whole.getSizeInBytes(); i++) { // from byte 4 of the first piece
      pieces[(i + 4) / 8].put((i + 4) % 8, whole.getSegments()[0].get(whole.getOffset() + i));
    }
    BinaryArrayData split = new BinaryArrayData();
    split.pointTo(pieces, 4, whole.getSizeInBytes());
    return split;
  }

  @Test
  void anEmptyArrayHasNoSequence() throws IOException {
    for (ArrayData array : List.of(StateArray.empty(), stored(StateArray.empty()))) {
      assertThat(timed.read(array)).isNull();
      assertThat(timed.time()).isEqualTo(Position.NONE);
      assertThat(timed.write(array, A, 5)).isEqualTo(1);
      assertThat(timed.read(array)).isEqualTo(A);
    }
  }

  @Test
  void anArrayKeepsTheStateAndTheTime() throws IOException {
    ArrayData array = stored(array(A));
    assertThat(timed.read(array)).isEqualTo(A);
    assertThat(timed.time()).isEqualTo(5);
    assertThat(timed.write(array, B, 6)).isEqualTo(2);
    array = stored(array);
    assertThat(timed.read(array)).isEqualTo(B);
    assertThat(timed.time()).isEqualTo(6);
    assertThat(timed.write(array, A, 7)).isEqualTo(3);
  }

  @Test
  void aModelWithoutTimesKeepsNone() {
    ArrayData array = StateArray.empty();
    assertThat(step(untimed, array, A, 5)).isEqualTo(1);
    assertThat(untimed.read(array)).isEqualTo(A);
    assertThat(untimed.time()).isEqualTo(Position.NONE);
    assertThat(array.size()).isEqualTo(5 + A.length);
  }

  /** Savepoints hold these bytes. */
  @Test
  void theBytesOfTheFormat() throws IOException {
    String expected =
        "00000040" // how many bytes follow
            + "0000000000000000" // Flink's row: no field is NULL,
            + "3000000010000000" // and the array has 48 bytes from byte 16
            + "0a000000" // words in the array
            + "00000000" // of which none is NULL
            + "01000000" // the format
            + "4d00000000000000" // the model
            + "0200000000000000" // t
            + "0500000000000000" // the time
            + "0000803f" // 1
            + "00000080" // -0
            + "01000000"; // the smallest float
    assertThat(HexFormat.of().formatHex(bytes(array(B, A)))).isEqualTo(expected);
  }

  @Test
  void aStepChangesTheBytesInPlace() throws IOException {
    for (ArrayData array : List.of(array(A), stored(array(A)))) {
      MemorySegment[] segments = ((BinaryArrayData) array).getSegments();
      assertThat(step(timed, array, B, 6)).isEqualTo(2);
      assertThat(((BinaryArrayData) array).getSegments()).isSameAs(segments);
      assertThat(timed.read(array)).isEqualTo(B);
    }
  }

  @Test
  void anArrayMayBeInPiecesOrOffTheHeap() throws IOException {
    for (boolean offHeap : new boolean[] {false, true}) {
      ArrayData array = inPieces(array(A), offHeap);
      assertThat(timed.read(array)).isEqualTo(A);
      assertThat(timed.write(array, B, 6)).isEqualTo(2);
      assertThat(bytes(array)).isEqualTo(bytes(afterTwo()));
    }
  }

  private ArrayData afterTwo() {
    ArrayData array = array(A);
    step(timed, array, B, 6);
    return array;
  }

  @Test
  void aStateOfAnotherModelOrLengthIsReplaced() throws IOException {
    StateArray[] others = {
      new StateArray(MODEL + 1, A.length, true),
      new StateArray(MODEL, A.length + 1, true),
      new StateArray(MODEL, 1000, true),
      untimed
    };
    for (StateArray other : others) {
      float[] values = new float[other == others[1] ? 4 : other == others[2] ? 1000 : A.length];
      Arrays.fill(values, 8);
      for (ArrayData array : List.of(array(A, A), stored(array(A, A)))) {
        assertThat(other.read(array)).isNull();
        assertThat(other.write(array, values, 8)).isEqualTo(1);
        assertThat(other.read(stored(array))).isEqualTo(values);
        assertThat(timed.read(array)).isNull();
        assertThat(timed.time()).isEqualTo(Position.NONE);
        assertThat(timed.write(array, A, 9)).isEqualTo(1);
        assertThat(timed.read(stored(array))).isEqualTo(A);
      }
    }
  }

  @Test
  void anUnknownFormatIsAnError() {
    ArrayData array = array(A);
    ((BinaryArrayData) array).setInt(0, 2);
    assertThatThrownBy(() -> timed.read(array)).hasMessage("expected a state of format 1, found 2");
  }

  /** As the heap backend does while a snapshot runs: the copy does not change with the row. */
  @Test
  void aCopyKeepsTheState() throws IOException {
    for (ArrayData array : List.of(array(A), stored(array(A)))) {
      ArrayData copy = serializer.copy(GenericRowData.of(array)).getArray(0);
      step(timed, array, B, 6);
      assertThat(timed.read(copy)).isEqualTo(A);
      assertThat(timed.read(array)).isEqualTo(B);
    }
  }
}
