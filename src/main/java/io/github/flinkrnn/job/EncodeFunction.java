package io.github.flinkrnn.job;

import io.github.flinkrnn.json.KeyFormat;
import io.github.flinkrnn.json.RecordForm;
import io.github.flinkrnn.json.RejectedRecordEncoder;
import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicLimits;
import io.github.flinkrnn.kafka.TopicWatch;
import io.github.flinkrnn.operator.JobCounts;
import io.github.flinkrnn.operator.RejectedMetric;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Encodes what the job emits into the records of its sink. It is an operator before the sink, so
 * that a record beyond the topic's limits can go to {@link RnnFunction#REJECTED}: in the sink it
 * would fail the job, and fail it again after each restart.
 */
final class EncodeFunction<T> extends ProcessFunction<T, SinkRecord> {
  private static final long serialVersionUID = 1L;

  /** Enough bytes for the shortest dead letter with its key. */
  private static final int LEAST_BYTES = 2 * RejectedRecordEncoder.LEAST_BYTES;

  /**
   * The maximum length of a dead letter's key, and that of its headers, unless a quarter of the
   * topic's limit is less.
   */
  private static final int MAX_KEPT = 64 << 10;

  private final SinkSpec sink;
  private final Encoding<T> encoding;
  private final boolean countsForJob; // predictions, whose number is shown when a job ends

  private transient TopicLimits limits;
  private transient TopicWatch topics;
  private transient boolean byClock;
  private transient RejectedMetric rejected;
  private transient LongCounter encoded;

  /** One kind of record. */
  private interface Encoding<T> extends Serializable {
    byte[] key(T element, int mostBytes);

    Header[] headers(T element, int mostBytes);

    /**
     * @param key what {@link #key} returned
     * @param headers what {@link #headers} returned
     */
    byte[] value(T element, byte[] key, Header[] headers, int mostBytes);

    /** The source record of the element, whose time becomes the output record's. */
    SourceRecord source(T element);
  }

  private EncodeFunction(SinkSpec sink, Encoding<T> encoding, boolean countsForJob) {
    this.sink = sink;
    this.encoding = encoding;
    this.countsForJob = countsForJob;
  }

  /** Predictions with their sequence keys, so that those of a key are in one partition in order. */
  static EncodeFunction<Prediction> ofPredictions(
      SinkSpec sink, SerializationSchema<Prediction> json, RecordForm form) {
    List<String> passed = form.passedHeaders();
    return new EncodeFunction<>(
        sink,
        new OfPredictions(json, form.keyFormat(), passed.isEmpty() ? null : new HashSet<>(passed)),
        true);
  }

  /** Dead letters with the keys and headers of their records, except those that are too long. */
  static EncodeFunction<RejectedRecord> ofDeadLetters(SinkSpec sink) {
    return new EncodeFunction<>(sink, new OfDeadLetters(new RejectedRecordEncoder()), false);
  }

  /** Ends of sequences with their sequence keys. */
  static EncodeFunction<SequenceEnd> ofEnds(
      SinkSpec sink, SerializationSchema<SequenceEnd> json, KeyFormat keys) {
    return new EncodeFunction<>(sink, new OfEnds(json, keys), false);
  }

  @Override
  public void open(OpenContext context) {
    limits = TopicLimits.NONE;
    if (sink instanceof SinkSpec.Kafka kafka) {
      limits = TopicLimits.ask(kafka.topic(), kafka.properties());
      byClock = kafka.byClock();
      topics =
          TopicMetric.register(
              getRuntimeContext(),
              SourceTopics.of(kafka.topic()),
              kafka.properties(),
              "its earlier records are gone");
      if (limits.maxBytes() < LEAST_BYTES) {
        throw new SuppressRestartsException(
            new IllegalStateException(
                "topic "
                    + kafka.topic()
                    + ": expected a limit of at least "
                    + LEAST_BYTES
                    + " bytes for a record, found "
                    + limits.maxBytes()
                    + " (max.request.size, max.message.bytes)"));
      }
    }
    rejected =
        new RejectedMetric(getRuntimeContext(), countsForJob ? JobCounts.REJECTED_OUTPUTS : null);
    encoded = new LongCounter();
    if (countsForJob) {
      getRuntimeContext().addAccumulator(JobCounts.PREDICTIONS, encoded);
    }
  }

  @Override
  public void close() {
    if (topics != null) {
      topics.close();
    }
  }

  @Override
  public void processElement(T element, Context context, Collector<SinkRecord> out) {
    byte[] key = encoding.key(element, limits.maxBytes());
    Header[] headers = encoding.headers(element, limits.maxBytes());
    long others = (key == null ? 0 : key.length) + Header.bytes(headers);
    int left = (int) Math.max(0, limits.maxBytes() - others);
    byte[] value = encoding.value(element, key, headers, left);
    SourceRecord source = encoding.source(element);
    if (others + value.length <= limits.maxBytes()) {
      encoded.add(1);
      boolean timed = source != null && !byClock;
      Long time = timed ? limits.time(source.timestamp(), System.currentTimeMillis()) : null;
      out.collect(new SinkRecord(key, value, time, headers));
      return;
    }
    rejected.count(Reason.TOO_LARGE);
    String detail =
        RejectedRecordEncoder.OUTPUT_TOO_LARGE
            + limits.maxBytes()
            + " bytes, found "
            + (others + value.length);
    SourceRecord from = source == null ? new SourceRecord(key, null, 0, null, null) : source;
    context.output(RnnFunction.REJECTED, new RejectedRecord(Reason.TOO_LARGE, detail, from));
  }

  /** The bytes of a sequence key that came from the key of a record, or its UTF-8. */
  private static byte[] key(String sequence, boolean isKeyed, KeyFormat format) {
    return isKeyed ? format.bytes(sequence) : sequence.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param passed the names of the headers that come from the token's record; null for none
   */
  private record OfPredictions(
      SerializationSchema<Prediction> json, KeyFormat keys, HashSet<String> passed)
      implements Encoding<Prediction> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] key(Prediction prediction, int mostBytes) {
      SourceRecord source = prediction.source();
      return EncodeFunction.key(prediction.key(), source != null && source.isKeyed(), keys);
    }

    @Override
    public Header[] headers(Prediction prediction, int mostBytes) {
      SourceRecord source = prediction.source();
      return passed == null || source == null || source.headers() == null
          ? null
          : Header.named(passed, source.headers());
    }

    @Override
    public byte[] value(Prediction prediction, byte[] key, Header[] headers, int mostBytes) {
      return json.serialize(prediction);
    }

    @Override
    public SourceRecord source(Prediction prediction) {
      return prediction.source();
    }
  }

  private record OfDeadLetters(RejectedRecordEncoder json) implements Encoding<RejectedRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] key(RejectedRecord rejected, int mostBytes) {
      byte[] key = rejected.record().key();
      return key == null || key.length > most(mostBytes) ? null : key;
    }

    @Override
    public Header[] headers(RejectedRecord rejected, int mostBytes) {
      Header[] headers = rejected.record().headers();
      return Header.bytes(headers) > most(mostBytes) ? null : headers;
    }

    private static int most(int bytes) {
      return Math.min(MAX_KEPT, bytes / 4);
    }

    @Override
    public byte[] value(RejectedRecord rejected, byte[] key, Header[] headers, int mostBytes) {
      SourceRecord record = rejected.record();
      boolean keyDropped = key == null && record.key() != null;
      boolean headersDropped = headers == null && record.headers() != null;
      return json.serialize(rejected, mostBytes, keyDropped, headersDropped);
    }

    @Override
    public SourceRecord source(RejectedRecord rejected) {
      return rejected.record();
    }
  }

  private record OfEnds(SerializationSchema<SequenceEnd> json, KeyFormat keys)
      implements Encoding<SequenceEnd> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] key(SequenceEnd end, int mostBytes) {
      return EncodeFunction.key(end.key(), end.keyed(), keys);
    }

    /** None: the end of a sequence is not that of one record. */
    @Override
    public Header[] headers(SequenceEnd end, int mostBytes) {
      return null;
    }

    @Override
    public byte[] value(SequenceEnd end, byte[] key, Header[] headers, int mostBytes) {
      return json.serialize(end);
    }

    @Override
    public SourceRecord source(SequenceEnd end) {
      return new SourceRecord(null, null, 0, end.time(), null);
    }
  }
}
