package io.github.flinkrnn.sql;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.io.IOException;
import java.util.function.Function;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.IOUtils;

/**
 * A model that an SQL function runs, and the counts of its steps. Not thread-safe.
 *
 * @param <S> what takes the steps
 */
final class SqlModel<S extends AutoCloseable> implements AutoCloseable {
  private final ModelLocation location;
  private final RnnModel model;
  private final S steps;
  private final Counter taken;
  private final Counter rejected;

  /**
   * @param steps makes what takes the steps of a model that fits the options
   */
  SqlModel(
      ModelLocation location,
      SequenceOptions options,
      OutputOptions output,
      Function<RnnModel, S> steps,
      MetricGroup metrics)
      throws IOException, InterruptedException {
    this.location = location;
    model = SharedModel.acquire(location);
    boolean isOpen = false;
    try {
      ModelFit.check(model, options, output);
      this.steps = steps.apply(model);
      isOpen = true;
    } finally {
      if (!isOpen) {
        SharedModel.release(location);
      }
    }
    taken = metrics.counter("steps");
    rejected = metrics.counter("rejectedTokens");
  }

  RnnModel model() {
    return model;
  }

  S steps() {
    return steps;
  }

  void stepped() {
    taken.inc();
  }

  void rejected() {
    rejected.inc();
  }

  @Override
  public void close() {
    IOUtils.closeQuietly(steps);
    SharedModel.release(location);
  }
}
