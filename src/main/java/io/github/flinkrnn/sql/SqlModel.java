package io.github.flinkrnn.sql;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.ModelSession;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.io.IOException;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** A model that an SQL function runs, and the counts of its steps. Not thread-safe. */
final class SqlModel implements AutoCloseable {
  private final ModelLocation location;
  private final RnnModel model;
  private final ModelSession session;
  private final Counter steps;
  private final Counter rejected;

  SqlModel(
      ModelLocation location, SequenceOptions options, OutputOptions output, MetricGroup metrics)
      throws IOException, InterruptedException {
    this.location = location;
    model = SharedModel.acquire(location);
    boolean isOpen = false;
    try {
      ModelFit.check(model, options, output);
      session = new ModelSession(model, options, output);
      isOpen = true;
    } finally {
      if (!isOpen) {
        SharedModel.release(location);
      }
    }
    steps = metrics.counter("steps");
    rejected = metrics.counter("rejectedTokens");
  }

  RnnModel model() {
    return model;
  }

  ModelSession session() {
    return session;
  }

  void stepped() {
    steps.inc();
  }

  void rejected() {
    rejected.inc();
  }

  @Override
  public void close() {
    session.close();
    SharedModel.release(location);
  }
}
