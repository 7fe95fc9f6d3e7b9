package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.PlainSteps;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.List;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/** The steps of {@code RNN} with one model, each with the accumulator of its row as the state. */
final class OverSequence implements AutoCloseable {
  private static final OutputOptions OUTPUT =
      OutputOptions.DEFAULT.withFields(List.of(OutputField.LABEL, OutputField.PREDICTION));

  private final SqlModel<PlainSteps> model;
  private final PlainSteps steps;
  private final TokenArgument argument;
  private final StateArray state;

  OverSequence(ModelLocation location, MetricGroup metrics)
      throws IOException, InterruptedException {
    model = new SqlModel<>(location, SequenceOptions.DEFAULT, OUTPUT, PlainSteps::new, metrics);
    steps = model.steps();
    argument = TokenArgument.of(model.model());
    state = new StateArray(steps.fingerprint(), steps.size(), steps.keepsTime());
  }

  /**
   * Takes one step.
   *
   * @param accumulator changes, unless the row is rejected
   * @return the result of {@code RNN}; null if the row was rejected
   */
  RowData step(ArrayData accumulator, Object input) {
    Token token = argument.token(input);
    float[] kept = state.read(accumulator);
    float[] next = steps.step(token, kept, state.time());
    if (next == null) {
      model.rejected();
      return null;
    }
    model.stepped();
    long t = state.write(accumulator, next, steps.timeToKeep(token));
    return GenericRowData.of(
        t, StringData.fromString(steps.label()), new GenericArrayData(steps.prediction()));
  }

  @Override
  public void close() {
    model.close();
  }
}
