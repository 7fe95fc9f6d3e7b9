package io.github.flinkrnn.network;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * A step graph in a hand-written Flink operator that collects tokens of different keys and computes
 * their steps in one call. Tokens wait at most {@link #FLUSH_MILLIS}, and are computed before a
 * checkpoint, before a watermark, at the end, and before a second token of the same key. It keeps
 * the records themselves, which after a {@code keyBy} are not reused.
 */
public final class BatchedOnnxOperator extends AbstractStreamOperator<Prediction>
    implements OneInputStreamOperator<Token, Prediction>, BoundedOneInput {
  private static final long serialVersionUID = 1L;

  /** The maximum number of tokens in a call. */
  public static final int BATCH = 32;

  /** The maximum time that a token waits for others, in milliseconds. */
  public static final int FLUSH_MILLIS = 5;

  private final NetworkSize size;
  private final String file;

  private transient PinnedSession session;
  private transient ValueState<byte[]> state;
  private transient List<StreamRecord<Token>> waiting; // of different keys
  private transient byte[][] states; // of their keys
  private transient Set<String> keys; // of waiting tokens
  private transient ScheduledFuture<?> timer; // null if there is none that has not fired

  /**
   * @param size of a network of one layer
   * @param file the path of a step graph for any number of keys
   */
  public BatchedOnnxOperator(NetworkSize size, String file) {
    this.size = size;
    this.file = file;
  }

  @Override
  public void open() throws Exception {
    super.open();
    session = new PinnedSession(size, Files.readAllBytes(Path.of(file)), BATCH);
    state = getRuntimeContext().getState(new ValueStateDescriptor<>("state", byte[].class));
    waiting = new ArrayList<>(BATCH);
    states = new byte[BATCH][];
    keys = new HashSet<>(2 * BATCH);
  }

  @Override
  public void close() throws Exception {
    if (session != null) {
      session.close();
    }
    super.close();
  }

  @Override
  public void processElement(StreamRecord<Token> record) throws Exception {
    Token token = record.getValue();
    if (!keys.add(token.key())) {
      flush();
      keys.add(token.key());
      setCurrentKey(token.key());
    }
    byte[] kept = state.value();
    session.put(waiting.size(), token.features(), kept);
    states[waiting.size()] = kept == null ? session.newState() : kept;
    waiting.add(record);
    if (waiting.size() == BATCH) {
      flush();
    } else if (timer == null) {
      long now = getProcessingTimeService().getCurrentProcessingTime();
      timer = getProcessingTimeService().registerTimer(now + FLUSH_MILLIS, this::onTimer);
    }
  }

  /** A timer outlives its batch. So a token of a later one waits for less, never for more. */
  private void onTimer(long time) throws Exception {
    timer = null;
    flush();
  }

  private void flush() throws Exception {
    int n = waiting.size();
    if (n == 0) {
      return;
    }
    session.run(n);
    for (int i = 0; i < n; i++) {
      StreamRecord<Token> record = waiting.get(i);
      Token token = record.getValue();
      session.get(i, states[i]);
      setCurrentKey(token.key());
      state.update(states[i]);
      output.collect(record.replace(OnnxRuntimeFunction.prediction(token, session.prediction(i))));
      states[i] = null;
    }
    waiting.clear();
    keys.clear();
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
    flush();
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    flush();
    super.processWatermark(mark);
  }

  @Override
  public void endInput() throws Exception {
    flush();
  }
}
