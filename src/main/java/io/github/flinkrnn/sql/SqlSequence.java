package io.github.flinkrnn.sql;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.KeyStore;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.ModelSession;
import io.github.flinkrnn.operator.Outlet;
import io.github.flinkrnn.operator.Sequences;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * The operator's {@link Sequences} with the state of an SQL function. A subclass provides state,
 * time, timers and output. Not thread-safe.
 */
abstract class SqlSequence implements KeyStore, Clock, KeyTimers.Timers, Outlet, AutoCloseable {
  private final ModelLocation location;
  private final ModelSession session;
  private final Sequences sequences;
  private final RnnModel model;
  private final Counter steps;
  private final Counter rejected;

  SqlSequence(
      ModelLocation location, SequenceOptions options, OutputOptions output, MetricGroup metrics)
      throws IOException, InterruptedException {
    this.location = location;
    model = SharedModel.acquire(location);
    boolean isOpen = false;
    try {
      ModelFit.check(model, options, output);
      session = new ModelSession(model, options, output);
      sequences = new Sequences(options, output, session, this, this, this, this);
      isOpen = true;
    } finally {
      if (!isOpen) {
        SharedModel.release(location);
      }
    }
    steps = metrics.counter("steps");
    rejected = metrics.counter("rejectedTokens");
  }

  final RnnModel model() {
    return model;
  }

  final void process(Token token) throws Exception {
    sequences.process(token);
  }

  final void fire(boolean inEventTime, long time) throws Exception {
    sequences.onTimer("", inEventTime, time);
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    rejected.inc();
  }

  @Override
  public void stepped(byte[] marks) {
    steps.inc();
  }

  @Override
  public void close() {
    session.close();
    SharedModel.release(location);
  }

  @Override
  public boolean tellsEnds() {
    return false;
  }

  @Override
  public void ended(String key, long t, EndReason why, long time, boolean isKeyed) {}

  @Override
  public void started() {}

  @Override
  public void gap() {}

  @Override
  public void duplicate() {}

  @Override
  public long stepsBegin() {
    return 0;
  }

  @Override
  public void stepsEnd(long begun, int count) {}
}
