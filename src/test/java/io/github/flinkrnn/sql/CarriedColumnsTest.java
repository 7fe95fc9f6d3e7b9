package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampKind;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarCharType;
import org.junit.jupiter.api.Test;

/** Carried columns of any type come out as they were, and those of another statement as NULL. */
class CarriedColumnsTest {
  private static final RowType ROW =
      RowType.of(
          new LogicalType[] {
            VarCharType.STRING_TYPE,
            new IntType(),
            new TimestampType(true, TimestampKind.ROWTIME, 3)
          },
          new String[] {"name", "n", "at"});

  private static final GenericRowData VALUES =
      GenericRowData.of(StringData.fromString("é\u0000€"), null, TimestampData.fromEpochMillis(-1));

  private static GenericRowData copied(CarriedColumns columns, String[] carried) {
    GenericRowData row = new GenericRowData(4);
    row.setField(0, 7L);
    columns.copy(carried, row, 1);
    return row;
  }

  @Test
  void comeOutAsTheyWere() {
    CarriedColumns columns = new CarriedColumns(ROW, List.of("at", "name", "n"));
    assertThat(copied(columns, columns.of(VALUES)))
        .isEqualTo(
            GenericRowData.of(7L, VALUES.getField(2), VALUES.getField(0), VALUES.getField(1)));
    assertThat(columns.type(0)).isEqualTo(new TimestampType(3));
  }

  @Test
  void areNullAfterARestoreWithOthers() {
    CarriedColumns columns = new CarriedColumns(ROW, List.of("at", "name", "n"));
    RowType other =
        RowType.of(
            new LogicalType[] {VarCharType.STRING_TYPE, new BigIntType(), new TimestampType(3)},
            new String[] {"name", "n", "at"});
    GenericRowData nulls = GenericRowData.of(7L, null, null, null);
    assertThat(copied(columns, null)).isEqualTo(nulls);
    assertThat(copied(columns, new CarriedColumns(ROW, List.of("name", "at", "n")).of(VALUES)))
        .isEqualTo(nulls);
    assertThat(copied(columns, new CarriedColumns(other, List.of("at", "name", "n")).of(VALUES)))
        .isEqualTo(nulls);
  }
}
