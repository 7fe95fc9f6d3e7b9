package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Prediction;
import java.io.IOException;
import java.util.List;
import org.apache.flink.metrics.MetricGroup;

/**
 * The steps of {@code RNN} with one model: the current sequence is the accumulator of the row. It
 * has no time and no timers.
 */
final class OverSequence extends SqlSequence {
  private static final OutputOptions OUTPUT =
      OutputOptions.DEFAULT.withFields(List.of(OutputField.LABEL, OutputField.PREDICTION));

  private final TokenArgument argument;
  private Rnn.State current;
  private Prediction prediction;

  OverSequence(ModelLocation location, MetricGroup metrics)
      throws IOException, InterruptedException {
    super(location, SequenceOptions.DEFAULT, OUTPUT, metrics);
    argument = TokenArgument.of(model());
  }

  /**
   * Takes one step.
   *
   * @return the prediction; null if the row was rejected
   */
  Prediction step(Rnn.State state, Object input) throws Exception {
    current = state;
    prediction = null;
    process(argument.token(input));
    return prediction;
  }

  @Override
  public SequenceState state() {
    return current.sequence;
  }

  @Override
  public void keep(SequenceState state, boolean wasRead) {
    current.sequence = state;
  }

  @Override
  public void clear() {
    current.sequence = null;
  }

  @Override
  public void emit(Prediction made) {
    prediction = made;
  }

  @Override
  public long processingTime() {
    throw new IllegalStateException("RNN has no clock");
  }

  @Override
  public long watermark() {
    throw new IllegalStateException("RNN has no watermark");
  }

  @Override
  public void register(boolean inEventTime, long time) {
    throw new IllegalStateException("RNN has no timers");
  }

  @Override
  public void delete(boolean inEventTime, long time) {
    throw new IllegalStateException("RNN has no timers");
  }

  @Override
  public WaitingTokens.ByNumber byNumber() {
    throw new IllegalStateException("RNN takes rows as they come");
  }

  @Override
  public WaitingTokens byTime() {
    throw new IllegalStateException("RNN takes rows as they come");
  }
}
