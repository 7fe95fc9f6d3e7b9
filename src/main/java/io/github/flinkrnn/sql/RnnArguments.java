package io.github.flinkrnn.sql;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.OptionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentCount;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.ConstantArgumentCount;
import org.apache.flink.table.types.inference.InputTypeStrategy;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.inference.Signature.Argument;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Checks the arguments of {@code RNN} against the model while the statement is planned. Flink also
 * asks for the types later, without the literal; the second argument was checked then.
 */
final class RnnArguments implements InputTypeStrategy {
  @Override
  public ArgumentCount getArgumentCount() {
    return ConstantArgumentCount.of(2);
  }

  @Override
  public Optional<List<DataType>> inferInputTypes(CallContext call, boolean throwOnFailure) {
    List<DataType> given = call.getArgumentDataTypes();
    if (!given.get(0).getLogicalType().is(LogicalTypeFamily.CHARACTER_STRING)) {
      return call.fail(
          throwOnFailure,
          "RNN: expected the path of a model as the first argument, found %s",
          given.get(0).getLogicalType().asSummaryString());
    }
    if (tellsLiterals(call)) {
      Optional<String> path =
          call.isArgumentLiteral(0) ? call.getArgumentValue(0, String.class) : Optional.empty();
      if (path.isEmpty()) {
        return call.fail(throwOnFailure, "RNN: expected a literal as the first argument");
      }
      check(path.get(), given.get(1).getLogicalType());
    }
    return Optional.of(List.of(DataTypes.STRING(), bridged(given.get(1))));
  }

  /** Whether this is the call of the validation. In a later one, Flink knows only the types. */
  private static boolean tellsLiterals(CallContext call) {
    try {
      call.isArgumentLiteral(0);
      return true;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  /** Words as strings, and arrays of floats as Flink keeps them; others as Java objects. */
  private static DataType bridged(DataType given) {
    LogicalType type = given.getLogicalType();
    if (type.is(LogicalTypeFamily.CHARACTER_STRING)) {
      return DataTypes.STRING();
    }
    boolean isFloats =
        type instanceof ArrayType array && array.getElementType().is(LogicalTypeRoot.FLOAT);
    return isFloats ? given.bridgedTo(ArrayData.class) : given;
  }

  private static void check(String path, LogicalType input) {
    ModelLocation location = new ModelLocation(path);
    try {
      RnnModel model = SharedModel.acquire(location);
      try {
        if (!model.headNames().isEmpty()) {
          throw new ValidationException(
              "RNN: "
                  + path
                  + ": expected a model of one head, found "
                  + String.join(", ", model.headNames())
                  + "; RNN_STEPS takes models of several heads");
        }
        if (model.bidirectionalLayers() > 0) {
          throw new ValidationException(
              "RNN: "
                  + path
                  + ": expected a model that reads from left to right, because RNN cannot wait for"
                  + " later rows, found a bidirectional one; RNN_STEPS takes it, with"
                  + " sequence.look_ahead");
        }
        problem(model.input(), input)
            .ifPresent(
                problem -> {
                  throw new ValidationException("RNN: " + path + ": " + problem);
                });
      } finally {
        SharedModel.release(location);
      }
    } catch (IOException | InvalidFileException | OptionException e) {
      throw new ValidationException("RNN: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ValidationException("RNN: interrupted", e);
    }
  }

  /** Why a model cannot read values of a type; empty if it can. */
  static Optional<String> problem(ModelInput input, LogicalType type) {
    if (input instanceof ModelInput.Words) {
      return type.is(LogicalTypeFamily.CHARACTER_STRING)
          ? Optional.empty()
          : expected("a STRING, because the model reads words", type);
    }
    if (input instanceof ModelInput.Fields fields) {
      return type instanceof RowType row
          ? fieldProblem(fields, row)
          : expected(
              "a ROW of the model's fields (" + String.join(", ", fields.names()) + ")", type);
    }
    return isNumbers(type)
        ? Optional.empty()
        : expected("an ARRAY of the model's " + input.describe(), type);
  }

  private static Optional<String> expected(String what, LogicalType found) {
    return Optional.of("expected " + what + ", found " + found.asSummaryString());
  }

  private static Optional<String> fieldProblem(ModelInput.Fields input, RowType row) {
    List<String> known = new ArrayList<>();
    for (InputField field : input.fields()) {
      if (!(field instanceof InputField.Elapsed)) {
        known.add(field.name());
      }
    }
    if (input.needsTime()) {
      known.add(TokenArgument.TIMESTAMP);
    }
    for (RowType.RowField field : row.getFields()) {
      if (!known.contains(field.getName())) {
        return Optional.of(
            "expected a ROW of the model's fields ("
                + String.join(", ", known)
                + "), found '"
                + field.getName()
                + "'"
                + Nearest.hint(field.getName(), known));
      }
      Optional<String> problem = valueProblem(field.getName(), field.getType());
      if (problem.isPresent()) {
        return problem;
      }
    }
    for (String name : known) {
      if (!row.getFieldNames().contains(name)) {
        return Optional.of(
            "expected the field '"
                + name
                + "' in the ROW, found "
                + String.join(", ", row.getFieldNames()));
      }
    }
    return Optional.empty();
  }

  /** Why values of a type cannot be those of a model's field; empty if they can. */
  static Optional<String> valueProblem(String name, LogicalType type) {
    if (name.equals(TokenArgument.TIMESTAMP)) {
      boolean isTime =
          type.is(LogicalTypeFamily.TIMESTAMP) || type.is(LogicalTypeFamily.INTEGER_NUMERIC);
      return isTime
          ? Optional.empty()
          : expected("a TIMESTAMP, or a BIGINT of epoch milliseconds, as " + name, type);
    }
    boolean isValue =
        type.is(LogicalTypeFamily.CHARACTER_STRING)
            || type.is(LogicalTypeFamily.NUMERIC)
            || type.is(LogicalTypeRoot.BOOLEAN)
            || isNumbers(type);
    return isValue
        ? Optional.empty()
        : expected("a string, a number, a boolean or an array of numbers as " + name, type);
  }

  static boolean isNumbers(LogicalType type) {
    return type instanceof ArrayType array && array.getElementType().is(LogicalTypeFamily.NUMERIC);
  }

  @Override
  public List<Signature> getExpectedSignatures(FunctionDefinition definition) {
    return List.of(
        Signature.of(
            Argument.of("model", "STRING LITERAL"),
            Argument.of("input", "STRING | ARRAY<FLOAT> | ROW<...>")));
  }
}
