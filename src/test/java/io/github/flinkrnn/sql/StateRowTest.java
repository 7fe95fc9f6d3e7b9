package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.table.runtime.typeutils.InternalSerializers;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

/** The state of a sequence in a row, on the heap and after Flink's serializer. */
class StateRowTest {
  private static final float[] A = {1, -0.0f, Float.MIN_VALUE};
  private static final RowType TYPE = (RowType) StateRow.TYPE.getLogicalType();

  private final TypeSerializer<RowData> serializer = InternalSerializers.create(TYPE);

  private static SequenceState state(long t, long time, float... values) {
    SequenceState state = new SequenceState();
    state.become(77, t, 0, 0, time, values);
    return state;
  }

  private static RowData row(long t, long time, float... values) {
    RowData row = StateRow.empty();
    StateRow.write(state(t, time, values), row);
    return row;
  }

  private static void assertIs(RowData row, long t, long time, float... values) {
    SequenceState found = StateRow.read(row);
    assertThat(found.model()).isEqualTo(77);
    assertThat(found.t()).isEqualTo(t);
    assertThat(found.stepTime()).isEqualTo(time);
    assertThat(found.values()).isEqualTo(values);
  }

  private byte[] bytes(RowData row) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(row, out);
    return out.getCopyOfBuffer();
  }

  /**
   * The row as Flink gives it to a function after it was read: with the fields of the stored one.
   */
  private RowData stored(RowData row) throws IOException {
    RowData read = serializer.deserialize(new DataInputDeserializer(bytes(row)));
    GenericRowData given = new GenericRowData(TYPE.getFieldCount());
    for (int i = 0; i < TYPE.getFieldCount(); i++) {
      given.setField(i, RowData.createFieldGetter(TYPE.getTypeAt(i), i).getFieldOrNull(read));
    }
    return given;
  }

  @Test
  void anEmptyRowHasNoSequence() throws IOException {
    assertThat(StateRow.read(StateRow.empty()).isEmpty()).isTrue();
    assertThat(StateRow.read(stored(StateRow.empty())).isEmpty()).isTrue();
  }

  @Test
  void aRowKeepsTheStateAndTheTime() throws IOException {
    assertIs(row(3, 5, A), 3, 5, A);
    assertIs(stored(row(3, 5, A)), 3, 5, A);
    assertIs(stored(row(3, Position.NONE, A)), 3, Position.NONE, A);
    assertThat(row(3, Position.NONE, A).isNullAt(2)).isTrue();
  }

  @Test
  void onTheHeapAStepChangesTheArrayInPlace() {
    RowData row = row(3, 5, A);
    float[] values = row.getArray(3).toFloatArray();
    SequenceState state = StateRow.read(row);
    assertThat(state.values()).isSameAs(values);
    state.become(77, 4, 0, 0, 6, new float[] {7, 8, 9});
    StateRow.write(state, row);
    assertThat(row.getArray(3).toFloatArray()).isSameAs(values);
    assertIs(row, 4, 6, 7, 8, 9);
  }

  @Test
  void storedValuesStayBytes() throws IOException {
    RowData row = stored(row(3, 5, A));
    assertThat(row.getArray(3)).isInstanceOf(BinaryArrayData.class);
    StateRow.write(state(4, 6, 7, 8, 9), row);
    assertThat(row.getArray(3)).isInstanceOf(BinaryArrayData.class);
    assertIs(row, 4, 6, 7, 8, 9);
    assertThat(bytes(row)).isEqualTo(bytes(row(4, 6, 7, 8, 9)));
  }

  @Test
  void aStateOfAnotherLengthOrModelReplacesTheOldOne() throws IOException {
    for (RowData row : new RowData[] {row(3, 5, A), stored(row(3, 5, A))}) {
      for (float[] values : new float[][] {{1, 2, 3, 4}, {1}, new float[1000]}) {
        StateRow.write(state(200, 5, values), row);
        assertIs(row, 200, 5, values);
      }
      SequenceState other = new SequenceState();
      other.become(78, 1, 0, 0, 5, A);
      StateRow.write(other, row);
      assertThat(StateRow.read(row).model()).isEqualTo(78);
      assertThat(StateRow.read(row).values()).isEqualTo(A);
    }
  }

  /** As the heap backend does while a snapshot runs: the copy does not change with the row. */
  @Test
  void aCopyKeepsTheState() throws IOException {
    for (RowData row : new RowData[] {row(3, 5, A), stored(row(3, 5, A))}) {
      RowData copy = serializer.copy(row);
      SequenceState state = StateRow.read(row);
      state.become(77, 4, 0, 0, 6, new float[] {7, 8, 9});
      StateRow.write(state, row);
      assertIs(copy, 3, 5, A);
      assertIs(row, 4, 6, 7, 8, 9);
    }
  }
}
