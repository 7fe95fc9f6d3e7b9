package io.github.flinkrnn.sql;

import io.github.flinkrnn.job.StepOptions;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;

/**
 * The columns that {@code RNN_STEPS} returns after the partition key: {@code t}, the fields of a
 * prediction in the order in which they were asked for, carried columns, and what is said of
 * rejected rows. The fields of several heads are rows within the column {@code outputs}.
 */
final class StepsResult implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String ROWTIME = "rowtime"; // of Flink
  private static final DataType FLOATS = DataTypes.ARRAY(DataTypes.FLOAT());
  private static final DataType TOP =
      DataTypes.ARRAY(
          DataTypes.ROW(
              DataTypes.FIELD("label", DataTypes.STRING()),
              DataTypes.FIELD("prediction", DataTypes.FLOAT())));

  /** The columns of a prediction. */
  private enum Column {
    TOKEN,
    LABEL,
    PREDICTION,
    TOP,
    LOGITS,
    HIDDEN,
    SURPRISE,
    RANK,
    ERROR,
    OUTPUTS,
    SEQ,
    TIMESTAMP,
    MODEL,
    GENERATED,
    FINAL
  }

  /** The fields of one head. */
  private record HeadColumns(String name, List<Column> columns) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private final ArrayList<Column> columns = new ArrayList<>();
  private final ArrayList<HeadColumns> heads = new ArrayList<>(); // empty for a single head
  private final CarriedColumns carried; // null for none
  private final int carriedCount;
  private final boolean hasRejects;
  private final transient List<DataTypes.Field> types = new ArrayList<>(); // not of a copy

  /**
   * @param keys the indices of the partition key's columns
   * @param hasTime whether Flink adds a column {@code rowtime}
   * @param carried what tokens carry; null for nothing
   */
  StepsResult(
      RnnModel model,
      RowType input,
      int[] keys,
      boolean hasTime,
      StepOptions options,
      CarriedColumns carried) {
    hasRejects = options.hasRejects();
    carriedCount = options.carried().size();
    this.carried = carried;
    types.add(DataTypes.FIELD("t", hasRejects ? DataTypes.BIGINT() : DataTypes.BIGINT().notNull()));
    boolean areNamed = !model.headNames().isEmpty();
    if (areNamed) {
      for (Head head : model.heads()) {
        addHead(head, options);
      }
    }
    for (OutputField field : options.fields()) {
      boolean isOfHead =
          field == OutputField.LABEL
              || field == OutputField.PREDICTION
              || field == OutputField.LOGITS;
      if (areNamed && isOfHead) {
        add(Column.OUTPUTS);
      } else {
        add(columnOf(field, options.output().topK("")));
      }
    }
    if (areNamed) {
      if (heads.stream().anyMatch(head -> head.columns().contains(Column.TOP))) {
        add(Column.OUTPUTS);
      }
    } else if (options.output().topK("") > 0) {
      add(Column.TOP);
    }
    if (options.sequence().generation() != null) {
      add(Column.GENERATED);
    }
    if (options.output().provisional()) {
      add(Column.FINAL);
    }
    for (int i = 0; i < carriedCount; i++) {
      types.add(
          DataTypes.FIELD(
              options.carried().get(i),
              TypeConversions.fromLogicalToDataType(carried.type(i).copy(true))));
    }
    if (hasRejects) {
      types.add(DataTypes.FIELD("reason", DataTypes.STRING()));
      types.add(DataTypes.FIELD("detail", DataTypes.STRING()));
    }
    checkNames(input, keys, hasTime, options.carried());
  }

  /** With {@code top_k}, the largest outputs stand in place of all. */
  private static Column columnOf(OutputField field, int topK) {
    return field == OutputField.PREDICTION && topK > 0 ? Column.TOP : Column.valueOf(field.name());
  }

  private void addHead(Head head, StepOptions options) {
    OutputOptions output = options.output();
    int topK = output.topK(head.name());
    List<Column> own = new ArrayList<>();
    for (OutputField field : options.fields()) {
      switch (field) {
        case LABEL -> {
          if (!head.labels().isEmpty()) {
            own.add(Column.LABEL);
          }
        }
        case PREDICTION -> own.add(columnOf(field, topK));
        case LOGITS -> own.add(Column.LOGITS);
        default -> {}
      }
    }
    if (topK > 0 && !own.contains(Column.TOP)) {
      own.add(Column.TOP);
    }
    if (!own.isEmpty()) {
      heads.add(new HeadColumns(head.name(), own));
    }
  }

  private void add(Column column) {
    if (!columns.contains(column)) {
      columns.add(column);
      types.add(DataTypes.FIELD(name(column), type(column)));
    }
  }

  private static String name(Column column) {
    return column.name().toLowerCase(Locale.ROOT);
  }

  private DataType type(Column column) {
    return switch (column) {
      case TOKEN, LABEL, MODEL -> DataTypes.STRING();
      case PREDICTION, LOGITS, HIDDEN -> FLOATS;
      case TOP -> TOP;
      case SURPRISE, ERROR -> DataTypes.FLOAT();
      case RANK -> DataTypes.INT();
      case SEQ, TIMESTAMP -> DataTypes.BIGINT();
      case GENERATED, FINAL -> DataTypes.BOOLEAN();
      case OUTPUTS ->
          DataTypes.ROW(
              heads.stream()
                  .map(
                      head ->
                          DataTypes.FIELD(
                              head.name(),
                              DataTypes.ROW(
                                  head.columns().stream()
                                      .map(each -> DataTypes.FIELD(name(each), type(each)))
                                      .toList())))
                  .toList());
    };
  }

  /** Flink would give a second column of a name another one. */
  private void checkNames(RowType input, int[] keys, boolean hasTime, List<String> carriedNames) {
    Set<String> names = new HashSet<>(hasTime ? Set.of(ROWTIME) : Set.of());
    for (int key : keys) {
      names.add(input.getFieldNames().get(key));
    }
    for (DataTypes.Field type : types) {
      if (!names.add(type.getName())) {
        throw StepsCall.invalid(
            carriedNames.contains(type.getName()) ? "options: output.carry" : "input",
            "expected columns of different names in the result, found two named " + type.getName());
      }
    }
  }

  /** The type of the rows. */
  DataType type() {
    return DataTypes.ROW(types).bridgedTo(RowData.class);
  }

  RowData row(Prediction prediction) {
    GenericRowData row = new GenericRowData(size());
    row.setField(0, prediction.t());
    for (int i = 0; i < columns.size(); i++) {
      row.setField(i + 1, value(columns.get(i), prediction));
    }
    if (carried != null) {
      carried.copy(prediction.carried(), row, columns.size() + 1);
    }
    return row;
  }

  /** The row of a rejected token; null if there is none. */
  RowData row(Token token, Reason reason, String detail) {
    if (!hasRejects) {
      return null;
    }
    GenericRowData row = new GenericRowData(size());
    if (carried != null) {
      carried.copy(token.carried(), row, columns.size() + 1);
    }
    row.setField(size() - 2, StringData.fromString(reason.text()));
    row.setField(size() - 1, StringData.fromString(detail));
    return row;
  }

  private int size() {
    return 1 + columns.size() + carriedCount + (hasRejects ? 2 : 0);
  }

  private Object value(Column column, Prediction prediction) {
    return switch (column) {
      case TOKEN -> StringData.fromString(prediction.token());
      case LABEL -> StringData.fromString(prediction.label());
      case PREDICTION -> floats(prediction.prediction());
      case TOP -> top(prediction.top(), prediction.topPrediction());
      case LOGITS -> floats(prediction.logits());
      case HIDDEN -> floats(prediction.hidden());
      case SURPRISE -> prediction.surprise();
      case RANK -> prediction.rank();
      case ERROR -> prediction.error();
      case OUTPUTS -> outputs(prediction);
      case SEQ -> prediction.seq();
      case TIMESTAMP -> prediction.timestamp();
      case MODEL -> StringData.fromString(prediction.model());
      case GENERATED -> prediction.generated();
      case FINAL -> prediction.isFinal();
    };
  }

  private static GenericArrayData floats(float[] numbers) {
    return numbers == null ? null : new GenericArrayData(numbers);
  }

  private static GenericArrayData top(String[] names, float[] values) {
    if (names == null) {
      return null;
    }
    Object[] rows = new Object[names.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = GenericRowData.of(StringData.fromString(names[i]), values[i]);
    }
    return new GenericArrayData(rows);
  }

  private GenericRowData outputs(Prediction prediction) {
    GenericRowData row = new GenericRowData(heads.size());
    for (int h = 0; h < heads.size(); h++) {
      HeadColumns head = heads.get(h);
      HeadOutput output = prediction.output(head.name());
      if (output != null) {
        GenericRowData values = new GenericRowData(head.columns().size());
        for (int i = 0; i < head.columns().size(); i++) {
          values.setField(
              i,
              switch (head.columns().get(i)) {
                case LABEL -> StringData.fromString(output.label());
                case PREDICTION -> floats(output.prediction());
                case TOP -> top(output.top(), output.topPrediction());
                default -> floats(output.logits());
              });
        }
        row.setField(h, values);
      }
    }
    return row;
  }
}
