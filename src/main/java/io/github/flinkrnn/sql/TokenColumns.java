package io.github.flinkrnn.sql;

import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Token;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * Makes a token of a row of a table, whose columns have the names of the fields of a token record.
 * Columns of other names are ignored.
 */
final class TokenColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowType row;
  private final String[] names; // of the model's fields; null for words and features
  private final ColumnReader[] fields;
  private final ColumnReader word; // null as the next ones if the table has no such column
  private final ColumnReader features;
  private final ColumnReader seq;
  private final ColumnReader time;
  private final ColumnReader start;
  private final ColumnReader end;
  private final ColumnReader generate;
  private final CarriedColumns carried; // null for none

  /**
   * @param timeColumn the index of the column with the event time; -1 for none
   * @param carried what tokens carry; null for nothing
   */
  TokenColumns(
      ModelInput input, RowType row, int timeColumn, OrderOptions order, CarriedColumns carried) {
    this.row = row;
    this.carried = carried;
    if (input instanceof ModelInput.Fields of) {
      names =
          of.fields().stream()
              .filter(field -> !(field instanceof InputField.Elapsed))
              .map(InputField::name)
              .toArray(String[]::new);
      fields = new ColumnReader[names.length];
      for (int i = 0; i < names.length; i++) {
        fields[i] = field(names[i]);
      }
    } else {
      names = null;
      fields = null;
    }
    word = input instanceof ModelInput.Words ? word() : null;
    features = input instanceof ModelInput.Features ? features(input.describe()) : null;
    seq = optional("seq", "an integer", LogicalTypeFamily.INTEGER_NUMERIC);
    start = flag("start");
    end = flag("end");
    generate = flag("generate");
    time = time(timeColumn, input instanceof ModelInput.Fields of && of.needsTime());
    if ((order.deduplicate() || order.by() == OrderOptions.By.SEQ) && seq == null) {
      throw missing("seq", "because of sequence.order or sequence.deduplicate");
    }
  }

  private ColumnReader word() {
    ColumnReader reader = required("token", "because the model reads words");
    boolean isWord =
        type("token").is(LogicalTypeFamily.CHARACTER_STRING)
            || type("token").is(LogicalTypeFamily.INTEGER_NUMERIC);
    expect(isWord, "token", "a STRING, because the model reads words");
    return reader;
  }

  private ColumnReader features(String what) {
    ColumnReader reader = required("features", "because the model reads " + what);
    boolean areNumbers = RnnArguments.isNumbers(type("features"));
    expect(areNumbers, "features", "an ARRAY of the model's " + what);
    return reader;
  }

  private ColumnReader field(String name) {
    ColumnReader reader = required(name, "because the model reads a field of this name");
    Optional<String> problem = RnnArguments.valueProblem(name, type(name));
    if (problem.isPresent()) {
      throw StepsCall.invalid(name, problem.get());
    }
    return reader;
  }

  private ColumnReader time(int timeColumn, boolean isNeeded) {
    if (timeColumn >= 0) {
      return new ColumnReader("on_time", row.getTypeAt(timeColumn), timeColumn);
    }
    String name = TokenArgument.TIMESTAMP;
    if (!row.getFieldNames().contains(name)) {
      if (isNeeded) {
        throw missing(name, "or on_time, because the model reads an elapsed time");
      }
      return null;
    }
    boolean isTime =
        type(name).is(LogicalTypeFamily.TIMESTAMP)
            || type(name).is(LogicalTypeFamily.INTEGER_NUMERIC);
    expect(
        isTime && !LogicalTypeChecks.isProctimeAttribute(type(name)),
        name,
        "a TIMESTAMP with a value, or a BIGINT of epoch milliseconds");
    return reader(name);
  }

  private ColumnReader flag(String name) {
    return optional(name, "a BOOLEAN", null);
  }

  /**
   * @param family null for booleans
   */
  private ColumnReader optional(String name, String what, LogicalTypeFamily family) {
    if (!row.getFieldNames().contains(name)) {
      return null;
    }
    LogicalType type = type(name);
    expect(family == null ? type.is(LogicalTypeRoot.BOOLEAN) : type.is(family), name, what);
    return reader(name);
  }

  private ColumnReader required(String name, String why) {
    if (!row.getFieldNames().contains(name)) {
      throw missing(name, why);
    }
    return reader(name);
  }

  private RuntimeException missing(String name, String why) {
    List<String> columns = row.getFieldNames();
    return StepsCall.invalid(
        "input",
        "expected a column "
            + name
            + ", "
            + why
            + "; found "
            + String.join(", ", columns)
            + Nearest.hint(name, columns));
  }

  private void expect(boolean isTrue, String name, String what) {
    if (!isTrue) {
      throw StepsCall.invalid(name, "expected " + what + ", found " + type(name).asSummaryString());
    }
  }

  private ColumnReader reader(String name) {
    return new ColumnReader(name, type(name), row.getFieldIndex(name));
  }

  private LogicalType type(String name) {
    return row.getTypeAt(row.getFieldIndex(name));
  }

  Token token(RowData of) {
    return new Token(
        "",
        word == null ? null : word.word(of),
        features == null ? null : features.floats(of),
        names == null ? null : values(of),
        seq == null ? null : seq.whole(of),
        time == null ? null : time.millis(of),
        start != null && start.isTrue(of),
        end != null && end.isTrue(of),
        generate != null && generate.isTrue(of),
        carried == null ? null : carried.of(of),
        null);
  }

  private FieldValues values(RowData of) {
    Object[] values = new Object[fields.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = fields[i].value(of);
    }
    return new FieldValues(names, values);
  }
}
