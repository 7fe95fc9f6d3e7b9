package io.github.flinkrnn.sql;

import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.table.types.DataType;

/**
 * The state of a sequence as the accumulator of {@code RNN}, a row of Flink's internal data
 * structures, which Flink neither converts nor copies. On the heap, the values stay one array of
 * floats, which a step changes in place. From RocksDB, they come as bytes, and go back as bytes.
 */
final class StateRow {
  private static final int MODEL = 0;
  private static final int T = 1;
  private static final int TIME = 2;
  private static final int VALUES = 3;

  /**
   * The fields of {@link SequenceState} that {@code RNN} needs. {@code t} is 0 for no sequence;
   * {@code time} is NULL if the model does not need it.
   */
  static final DataType TYPE =
      DataTypes.ROW(
              DataTypes.FIELD("model", DataTypes.BIGINT().notNull()),
              DataTypes.FIELD("t", DataTypes.BIGINT().notNull()),
              DataTypes.FIELD("time", DataTypes.BIGINT()),
              DataTypes.FIELD("values", DataTypes.ARRAY(DataTypes.FLOAT().notNull()).notNull()))
          .notNull()
          .bridgedTo(RowData.class);

  private StateRow() {}

  /** A row without a sequence. */
  static RowData empty() {
    return GenericRowData.of(0L, 0L, null, new GenericArrayData(new float[0]));
  }

  /** The state in a row. On the heap, both have the same array of values. */
  static SequenceState read(RowData row) {
    long t = row.getLong(T);
    if (t == 0) {
      return new SequenceState();
    }
    long time = row.isNullAt(TIME) ? Position.NONE : row.getLong(TIME);
    float[] values = row.getArray(VALUES).toFloatArray();
    return new SequenceState(row.getLong(MODEL), t, 0, 0, time, values, null, null);
  }

  /** Replaces the state in a row by one of a sequence. */
  static void write(SequenceState state, RowData row) {
    GenericRowData to = (GenericRowData) row;
    if (to.getLong(MODEL) != state.model()) {
      to.setField(MODEL, state.model());
    }
    to.setField(T, state.t());
    to.setField(TIME, state.stepTime() == Position.NONE ? null : (Long) state.stepTime());
    ArrayData before = to.getArray(VALUES);
    if (before instanceof BinaryArrayData) {
      to.setField(VALUES, BinaryArrayData.fromPrimitiveArray(state.values()));
    } else if (before.toFloatArray() != state.values()) {
      to.setField(VALUES, new GenericArrayData(state.values()));
    }
  }
}
