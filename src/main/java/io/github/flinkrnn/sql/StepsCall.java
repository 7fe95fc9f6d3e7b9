package io.github.flinkrnn.sql;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.StepOptions;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.OptionException;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.ColumnList;

/**
 * A call of {@code RNN_STEPS} with literal arguments, checked against the model while the statement
 * is planned.
 *
 * @param model where the model is
 * @param options of the call
 * @param columns of the input that are read
 * @param result the columns that are returned
 */
record StepsCall(ModelLocation model, StepOptions options, TokenColumns columns, StepsResult result)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int TABLE = 0;
  static final int MODEL = 1;
  static final int OPTIONS = 2;
  private static final int OWN = 3; // further arguments are Flink's: on_time and uid

  /**
   * Reads the arguments.
   *
   * @throws ValidationException if one is invalid
   */
  static StepsCall of(CallContext call) {
    if (!call.isArgumentLiteral(MODEL) || call.isArgumentNull(MODEL)) {
      throw invalid("model", "expected a literal: the path of a model");
    }
    String path = call.getArgumentValue(MODEL, String.class).orElseThrow();
    TableSemantics table =
        call.getTableSemantics(TABLE)
            .orElseThrow(() -> invalid("input", "expected TABLE name PARTITION BY key"));
    RowType row = (RowType) table.dataType().getLogicalType();
    int timeColumn = timeColumn(call, table, row);
    ModelLocation location = new ModelLocation(path);
    try {
      StepOptions options = StepOptions.of("options", options(call), timeColumn >= 0);
      RnnModel model = SharedModel.acquire(location);
      try {
        ModelFit.check(model, options.sequence(), options.output());
        CarriedColumns carried =
            options.carried().isEmpty() ? null : new CarriedColumns(row, options.carried());
        return new StepsCall(
            location,
            options,
            new TokenColumns(model.input(), row, timeColumn, options.sequence().order(), carried),
            new StepsResult(
                model, row, table.partitionByColumns(), timeColumn >= 0, options, carried));
      } catch (OptionException e) {
        throw invalid(path, e.getMessage());
      } finally {
        SharedModel.release(location);
      }
    } catch (IOException | InvalidFileException e) {
      throw new ValidationException("RNN_STEPS: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ValidationException("RNN_STEPS: interrupted", e);
    }
  }

  static ValidationException invalid(String place, String problem) {
    return new ValidationException("RNN_STEPS: " + place + ": " + problem);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> options(CallContext call) {
    if (call.isArgumentNull(OPTIONS)) {
      return Map.of();
    }
    return call.getArgumentValue(OPTIONS, Map.class)
        .orElseThrow(() -> invalid("options", "expected MAP['option', 'value', …] of literals"));
  }

  /** The index of the column that {@code on_time} names; -1 for none. */
  private static int timeColumn(CallContext call, TableSemantics table, RowType row) {
    int arguments = call.getArgumentDataTypes().size();
    if (arguments == OWN) {
      return table.timeColumn(); // while Flink makes the operator
    }
    List<String> names =
        call.getArgumentValue(OWN, ColumnList.class).map(ColumnList::getNames).orElse(List.of());
    Optional<String> name = names.stream().filter(row.getFieldNames()::contains).findFirst();
    return name.map(row::getFieldIndex).orElse(-1);
  }
}
