package io.github.flinkrnn.sql;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.KeyStore;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.ModelSession;
import io.github.flinkrnn.operator.Outlet;
import io.github.flinkrnn.operator.SequenceStateSerializer;
import io.github.flinkrnn.operator.Sequences;
import io.github.flinkrnn.operator.SharedModel;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * The steps of {@code RNN} with one model: the current sequence is the accumulator of the row. Not
 * thread-safe.
 */
final class SqlSequence implements KeyStore, Clock, KeyTimers.Timers, Outlet, AutoCloseable {
  private static final OutputOptions OUTPUT =
      OutputOptions.DEFAULT.withFields(List.of(OutputField.LABEL, OutputField.PREDICTION));

  /** The format of the accumulator: this byte, and a state as its serializer writes it. */
  private static final byte FORMAT = 1;

  private final ModelLocation location;
  private final ModelSession session;
  private final Sequences sequences;
  private final TokenArgument argument;
  private final SequenceStateSerializer serializer = new SequenceStateSerializer();
  private final DataInputDeserializer in = new DataInputDeserializer();
  private final DataOutputSerializer out = new DataOutputSerializer(512);
  private final Counter steps;
  private final Counter rejected;
  private Rnn.State current;
  private Prediction prediction;

  SqlSequence(ModelLocation location, MetricGroup metrics)
      throws IOException, InterruptedException {
    this.location = location;
    RnnModel model = SharedModel.acquire(location);
    boolean isOpen = false;
    try {
      ModelFit.check(model, SequenceOptions.DEFAULT, OUTPUT);
      session = new ModelSession(model, SequenceOptions.DEFAULT, OUTPUT);
      sequences = new Sequences(SequenceOptions.DEFAULT, OUTPUT, session, this, this, this, this);
      argument = TokenArgument.of(model);
      isOpen = true;
    } finally {
      if (!isOpen) {
        SharedModel.release(location);
      }
    }
    steps = metrics.counter("steps");
    rejected = metrics.counter("rejectedTokens");
  }

  /**
   * Takes one step.
   *
   * @return the prediction; null if the row was rejected
   */
  Prediction step(Rnn.State state, Object input) throws Exception {
    current = state;
    prediction = null;
    sequences.process(argument.token(input));
    return prediction;
  }

  @Override
  public SequenceState state() throws IOException {
    byte[] bytes = current.bytes;
    if (bytes == null) {
      return null;
    }
    if (bytes[0] != FORMAT) {
      throw new IOException("RNN: expected a state of format " + FORMAT + ", found " + bytes[0]);
    }
    in.setBuffer(bytes, 1, bytes.length - 1);
    return serializer.deserialize(in);
  }

  @Override
  public void keep(SequenceState state, boolean wasRead) throws IOException {
    out.clear();
    out.writeByte(FORMAT);
    serializer.serialize(state, out);
    current.bytes = out.getCopyOfBuffer();
  }

  @Override
  public void clear() {
    current.bytes = null;
  }

  @Override
  public void emit(Prediction made) {
    prediction = made;
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
  public void ended(String key, long t, EndReason why, long time, boolean isKeyed) {
    // Only a model with another fingerprint ends a sequence here.
  }

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
