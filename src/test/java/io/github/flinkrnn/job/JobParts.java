package io.github.flinkrnn.job;

import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.SequenceEndEncoder;
import io.github.flinkrnn.operator.OnRejected;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.functions.ProcessFunction;

/** The functions of a job one by one, as {@link RnnJob} adds them to a graph. */
public final class JobParts {
  private JobParts() {}

  public static WatermarkStrategy<SourceRecord> time(JobFile job) {
    return EventTime.of(job);
  }

  public static TokenDecodeFunction decode(JobFile job) {
    return new TokenDecodeFunction(
        job.model(), job.fields(), job.maxRecordBytes(), job.deadLetters().isPresent());
  }

  public static RnnFunction<String, Token, Prediction> recurrence(JobFile job) {
    return RnnFunction.of(job.model().uri())
        .with(job.sequence())
        .with(job.output())
        .with(OnRejected.SIDE_OUTPUT);
  }

  public static ProcessFunction<Prediction, SinkRecord> predictions(JobFile job) {
    return EncodeFunction.ofPredictions(
        job.sink(), new PredictionEncoder(job.carriedNames()), job.fields().form());
  }

  public static ProcessFunction<RejectedRecord, SinkRecord> deadLetters(JobFile job) {
    return EncodeFunction.ofDeadLetters(job.deadLetters().orElse(job.sink()));
  }

  public static ProcessFunction<SequenceEnd, SinkRecord> ends(JobFile job) {
    return EncodeFunction.ofEnds(
        job.ends().orElse(job.sink()), new SequenceEndEncoder(), job.fields().form().keyFormat());
  }

  /** The same job, but it ends after the records that its topic contains when it starts. */
  public static JobFile bounded(JobFile job) {
    SourceSpec.Kafka source = (SourceSpec.Kafka) job.source();
    return job.between(
        source.bounded("", source.properties()), job.sink(), job.deadLetters(), job.ends());
  }
}
