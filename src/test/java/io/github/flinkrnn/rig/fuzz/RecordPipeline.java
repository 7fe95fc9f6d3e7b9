package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobParts;
import io.github.flinkrnn.operator.HarnessEnvironment;
import io.github.flinkrnn.operator.RecordedMetrics;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.Arrays;
import java.util.Queue;
import java.util.function.Consumer;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.operators.TimestampsAndWatermarksOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.OutputTag;

/**
 * The operators of a job one after the other, each in Flink's test harness, from the records of a
 * source to those that a sink writes. What is sent between two tasks of a job is also serialized
 * here.
 */
final class RecordPipeline implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;

  private final TypeSerializer<Token> tokens = serializer(Token.class);
  private final TypeSerializer<Prediction> predictions = serializer(Prediction.class);
  private final TypeSerializer<RejectedRecord> rejections = serializer(RejectedRecord.class);
  private final DataOutputSerializer bytes = new DataOutputSerializer(512);

  private final RnnFunction<String, Token, Prediction> function;
  private final Handler handler;
  private final OneInputStreamOperatorTestHarness<SourceRecord, SourceRecord> time; // null for none
  private final OneInputStreamOperatorTestHarness<SourceRecord, Token> decode;
  private final OneInputStreamOperatorTestHarness<Prediction, SinkRecord> encode;
  private final OneInputStreamOperatorTestHarness<RejectedRecord, SinkRecord> encodeRejected;
  private final OneInputStreamOperatorTestHarness<SequenceEnd, SinkRecord> encodeEnds;
  private KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> rnn;
  private RecordedMetrics metrics;
  private long stepsBefore; // the count of the operators before the restore
  private long duplicatesBefore;
  private long now = RecordMaker.NOW;

  /** Receives the output. */
  interface Handler {
    void token(Token token);

    /**
     * @param decoded whether the record had been decoded to a token
     */
    void rejected(RejectedRecord rejected, SinkRecord letter, boolean decoded);

    void predicted(Prediction prediction, SinkRecord record);

    void ended(SinkRecord record);
  }

  RecordPipeline(JobFile job, Handler handler) throws Exception {
    this.handler = handler;
    function = JobParts.recurrence(job);
    time =
        job.sequence().needsWatermarks()
            ? opened(
                new OneInputStreamOperatorTestHarness<>(
                    new TimestampsAndWatermarksOperator<>(null, JobParts.time(job), false)))
            : null;
    decode = opened(JobParts.decode(job));
    encode = opened(JobParts.predictions(job));
    encodeRejected = opened(JobParts.deadLetters(job));
    encodeEnds = opened(JobParts.ends(job));
    openRecurrence(null);
  }

  private static <I, O> OneInputStreamOperatorTestHarness<I, O> opened(
      ProcessFunction<I, O> function) throws Exception {
    return opened(
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(InstantiationUtil.clone(function))));
  }

  private static <I, O> OneInputStreamOperatorTestHarness<I, O> opened(
      OneInputStreamOperatorTestHarness<I, O> harness) throws Exception {
    harness.open();
    return harness;
  }

  private void openRecurrence(OperatorSubtaskState state) throws Exception {
    metrics = new RecordedMetrics();
    rnn =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(InstantiationUtil.clone(function)),
            Token::key,
            Types.STRING,
            HarnessEnvironment.builder()
                .setMaxParallelism(MAX_PARALLELISM)
                .setMetricGroup(metrics.task())
                .build());
    rnn.setProcessingTime(now);
    rnn.setup();
    if (state != null) {
      rnn.initializeState(state);
    }
    rnn.open();
  }

  /** Takes a checkpoint, fails, and restarts from it. */
  void restore() throws Exception {
    rnn.prepareSnapshotPreBarrier(1);
    OperatorSubtaskState state = rnn.snapshot(1, 0);
    stepsBefore = steps();
    duplicatesBefore = duplicates();
    long watermark = rnn.getCurrentWatermark();
    rnn.close();
    openRecurrence(state);
    // A source repeats the watermark with its next record.
    watermark(watermark);
  }

  /** Processes a record. */
  void process(SourceRecord record) throws Exception {
    if (time == null) {
      decode(record);
      return;
    }
    time.processElement(record, Long.MIN_VALUE);
    for (Object each = time.getOutput().poll(); each != null; each = time.getOutput().poll()) {
      if (each instanceof Watermark mark) {
        watermark(mark.getTimestamp());
      } else if (each instanceof StreamRecord<?> element) {
        decode((SourceRecord) element.getValue());
      }
    }
  }

  private void decode(SourceRecord record) throws Exception {
    decode.processElement(record, Long.MIN_VALUE);
    rejected(decode, false);
    Queue<Object> output = decode.getOutput();
    for (Object each = output.poll(); each != null; each = output.poll()) {
      Token token = (Token) ((StreamRecord<?>) each).getValue();
      handler.token(token);
      take(token);
    }
  }

  /** Processes a token that was sent over the network. */
  void take(Token token) throws Exception {
    rnn.processElement(sent(token, tokens), Long.MIN_VALUE);
    drain();
  }

  void watermark(long timestamp) throws Exception {
    rnn.processWatermark(timestamp);
    drain();
  }

  /** Advances processing time. */
  void later(long millis) throws Exception {
    now += millis;
    rnn.setProcessingTime(now);
    drain();
  }

  private void drain() throws Exception {
    rejected(rnn, true);
    each(rnn.getSideOutput(RnnFunction.ENDED), end -> handler.ended(encoded(encodeEnds, end)));
    Queue<Object> output = rnn.getOutput();
    for (Object each = output.poll(); each != null; each = output.poll()) {
      if (each instanceof StreamRecord<?> element) {
        Prediction prediction = sent((Prediction) element.getValue(), predictions);
        handler.predicted(prediction, encoded(encode, prediction));
      }
    }
  }

  private void rejected(OneInputStreamOperatorTestHarness<?, ?> from, boolean decoded) {
    each(
        from.getSideOutput(RnnFunction.REJECTED),
        element -> {
          RejectedRecord rejected = sent(element, rejections);
          handler.rejected(rejected, encoded(encodeRejected, rejected), decoded);
        });
  }

  private static <T> void each(Queue<StreamRecord<T>> queue, Consumer<T> consumer) {
    if (queue != null) {
      for (StreamRecord<T> each = queue.poll(); each != null; each = queue.poll()) {
        consumer.accept(each.getValue());
      }
    }
  }

  private static <T> SinkRecord encoded(
      OneInputStreamOperatorTestHarness<T, SinkRecord> harness, T element) {
    try {
      harness.processElement(element, Long.MIN_VALUE);
    } catch (Exception e) {
      throw new AssertionError("cannot be encoded", e);
    }
    OutputTag<RejectedRecord> rejected = RnnFunction.REJECTED;
    Queue<StreamRecord<RejectedRecord>> refused = harness.getSideOutput(rejected);
    Checks.expect(refused == null || refused.isEmpty(), "rejected where nothing limits its size");
    return (SinkRecord) ((StreamRecord<?>) harness.getOutput().remove()).getValue();
  }

  /** Serializes and deserializes an element, and expects that it has the same bytes again. */
  private <T> T sent(T element, TypeSerializer<T> serializer) {
    try {
      byte[] there = bytes(element, serializer);
      T read = serializer.deserialize(new DataInputDeserializer(there));
      Checks.expect(Arrays.equals(there, bytes(read, serializer)), "not what was serialized");
      return read;
    } catch (IOException e) {
      throw new AssertionError("cannot be serialized", e);
    }
  }

  private <T> byte[] bytes(T element, TypeSerializer<T> serializer) throws IOException {
    bytes.clear();
    serializer.serialize(element, bytes);
    return bytes.getCopyOfBuffer();
  }

  private static <T> TypeSerializer<T> serializer(Class<T> type) {
    return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
  }

  long steps() {
    return stepsBefore + metrics.count("steps");
  }

  long duplicates() {
    return duplicatesBefore + metrics.count("duplicates");
  }

  int entries() {
    return rnn.numKeyedStateEntries();
  }

  int timers() {
    return rnn.numEventTimeTimers() + rnn.numProcessingTimeTimers();
  }

  @Override
  public void close() throws IOException {
    try {
      rnn.close();
      decode.close();
      encode.close();
      encodeRejected.close();
      encodeEnds.close();
      if (time != null) {
        time.close();
      }
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
