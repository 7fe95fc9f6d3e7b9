package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.PlainSteps;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import java.io.IOException;
import java.util.List;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.RowData;

/** The steps of {@code RNN} with one model, each with the accumulator of its row as the state. */
final class OverSequence implements AutoCloseable {
  private static final OutputOptions OUTPUT =
      OutputOptions.DEFAULT.withFields(List.of(OutputField.LABEL, OutputField.PREDICTION));

  private final SqlModel model;
  private final PlainSteps steps;
  private final TokenArgument argument;

  OverSequence(ModelLocation location, MetricGroup metrics)
      throws IOException, InterruptedException {
    model = new SqlModel(location, SequenceOptions.DEFAULT, OUTPUT, metrics);
    steps = new PlainSteps(model.session());
    argument = TokenArgument.of(model.model());
  }

  /**
   * Takes one step.
   *
   * @param accumulator changes, unless the row is rejected
   * @return the prediction; null if the row was rejected
   */
  Prediction step(RowData accumulator, Object input) {
    SequenceState state = StateRow.read(accumulator);
    Prediction prediction = steps.step(argument.token(input), state);
    if (prediction == null) {
      model.rejected();
    } else {
      model.stepped();
      StateRow.write(state, accumulator);
    }
    return prediction;
  }

  @Override
  public void close() {
    model.close();
  }
}
