package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.flinkrnn.config.Nearest;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.table.types.logical.utils.LogicalTypeUtils;

/**
 * The columns that a token carries to its predictions, of any type: as one string, whose characters
 * are the bytes of a serialized row, because tokens may wait in the state.
 */
final class CarriedColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LogicalType[] types;
  private final int fingerprint; // of names and types
  private final RowData.FieldGetter[] from; // of the input
  private final RowData.FieldGetter[] to; // of the carried row
  private transient RowDataSerializer serializer;
  private transient DataOutputSerializer out;

  CarriedColumns(RowType row, List<String> names) {
    types = new LogicalType[names.size()];
    from = new RowData.FieldGetter[types.length];
    to = new RowData.FieldGetter[types.length];
    for (int i = 0; i < types.length; i++) {
      int index = row.getFieldIndex(names.get(i));
      if (index < 0) {
        throw StepsCall.invalid(
            "options: output.carry",
            "expected a column of the input, found "
                + names.get(i)
                + Nearest.hint(names.get(i), row.getFieldNames()));
      }
      types[i] = LogicalTypeUtils.removeTimeAttributes(row.getTypeAt(index));
      if (LogicalTypeChecks.isProctimeAttribute(row.getTypeAt(index))) {
        throw StepsCall.invalid(
            "options: output.carry",
            "expected a column with a value, found the processing time "
                + names.get(i)
                + "; CAST it AS TIMESTAMP_LTZ(3) in the input");
      }
      from[i] = RowData.createFieldGetter(types[i], index);
      to[i] = RowData.createFieldGetter(types[i], i);
    }
    fingerprint = (names + Arrays.toString(types)).hashCode();
  }

  /**
   * The type of a carried column. An event time is a plain time: it may be behind the watermark.
   */
  LogicalType type(int column) {
    return types[column];
  }

  /** What a token carries of a row. */
  String[] of(RowData row) {
    GenericRowData carried = new GenericRowData(from.length);
    for (int i = 0; i < from.length; i++) {
      carried.setField(i, from[i].getFieldOrNull(row));
    }
    try {
      if (out == null) {
        out = new DataOutputSerializer(64);
      }
      out.clear();
      out.writeInt(fingerprint);
      serializer().serialize(carried, out);
      return new String[] {new String(out.getSharedBuffer(), 0, out.length(), ISO_8859_1)};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes what {@link #of} returned into a row, from an index on. Nothing if it was returned by a
   * statement with other columns, from whose savepoint this one goes on.
   */
  void copy(String[] carried, GenericRowData row, int at) {
    if (carried == null) {
      return;
    }
    try {
      DataInputDeserializer in = new DataInputDeserializer(carried[0].getBytes(ISO_8859_1));
      if (in.readInt() != fingerprint) {
        return;
      }
      RowData read = serializer().deserialize(in);
      for (int i = 0; i < to.length; i++) {
        row.setField(at + i, to[i].getFieldOrNull(read));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RowDataSerializer serializer() {
    if (serializer == null) {
      serializer = new RowDataSerializer(types);
    }
    return serializer;
  }
}
