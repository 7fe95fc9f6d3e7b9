package io.github.flinkrnn.job;

import io.github.flinkrnn.file.LineFileSink;
import io.github.flinkrnn.file.LineFormat;
import io.github.flinkrnn.file.PrintSink;
import io.github.flinkrnn.file.StdinSource;
import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.RejectedRecordEncoder;
import io.github.flinkrnn.json.SequenceEndEncoder;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** Puts a job's source and sinks at the ends of its graph, under uids that never change. */
final class JobEnds {
  private static final String SOURCE_UID = "source";
  private static final String SINK_UID = "predictions";
  private static final String DEAD_LETTERS_UID = "dead-letters";
  private static final String ENDS_UID = "ends";

  private JobEnds() {}

  static DataStream<SourceRecord> records(StreamExecutionEnvironment env, JobFile job) {
    WatermarkStrategy<SourceRecord> time = EventTime.of(job);
    SingleOutputStreamOperator<SourceRecord> records;
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      var source = Topics.source(kafka.topic(), start(kafka), kafka.bounded(), kafka.properties());
      records = env.fromSource(source, time, kafka.topic());
    } else {
      SourceSpec.File file = (SourceSpec.File) job.source();
      records =
          file.isStdin()
              ? env.fromSource(new StdinSource(job.maxRecordBytes()), time, "stdin")
                  .setParallelism(1)
              : LineFormat.stream(env, file.path(), job.maxRecordBytes(), time);
    }
    return records.uid(SOURCE_UID);
  }

  @SuppressWarnings("deprecation") // the connector takes no other type for what has no commit
  private static OffsetsInitializer start(SourceSpec.Kafka kafka) {
    return switch (kafka.start()) {
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
      case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
    };
  }

  static void predictions(DataStream<Prediction> predictions, JobFile job) {
    SerializationSchema<Prediction> json = new PredictionEncoder(job.carriedNames());
    DataStreamSink<Prediction> end =
        job.sink() instanceof SinkSpec.Kafka kafka
            ? predictions.sinkTo(
                Topics.predictions(
                    kafka.topic(),
                    kafka.delivery(),
                    transactions(job, SINK_UID),
                    kafka.properties(),
                    json))
            : attach(predictions, job.sink(), json);
    end.uid(SINK_UID).name(SINK_UID);
  }

  static void deadLetters(DataStream<RejectedRecord> rejected, JobFile job) {
    SerializationSchema<RejectedRecord> json = new RejectedRecordEncoder();
    DataStreamSink<RejectedRecord> end;
    if (job.deadLetters().isEmpty()) {
      end = rejected.sinkTo(new DeadLetterLog());
    } else if (job.deadLetters().get() instanceof SinkSpec.Kafka kafka) {
      end =
          rejected.sinkTo(
              Topics.deadLetters(
                  kafka.topic(),
                  kafka.delivery(),
                  transactions(job, DEAD_LETTERS_UID),
                  kafka.properties(),
                  json));
    } else {
      end = attach(rejected, job.deadLetters().get(), json);
    }
    end.uid(DEAD_LETTERS_UID).name(DEAD_LETTERS_UID);
  }

  static void ends(DataStream<SequenceEnd> ends, JobFile job) {
    if (job.ends().isEmpty()) {
      return;
    }
    SerializationSchema<SequenceEnd> json = new SequenceEndEncoder();
    DataStreamSink<SequenceEnd> end =
        job.ends().get() instanceof SinkSpec.Kafka kafka
            ? ends.sinkTo(
                Topics.ends(
                    kafka.topic(),
                    kafka.delivery(),
                    transactions(job, ENDS_UID),
                    kafka.properties(),
                    json))
            : attach(ends, job.ends().get(), json);
    end.uid(ENDS_UID).name(ENDS_UID);
  }

  private static <T> DataStreamSink<T> attach(
      DataStream<T> stream, SinkSpec spec, SerializationSchema<T> json) {
    if (spec instanceof SinkSpec.File file) {
      return LineFileSink.attach(stream, file.path(), json);
    }
    return PrintSink.attach(stream, ((SinkSpec.Print) spec).toStderr(), json);
  }

  /**
   * What the ids of a sink's transactions begin with; two jobs of one name must not share a broker.
   */
  private static String transactions(JobFile job, String sink) {
    // A name has no slash: the ids of no other job, and of no other sink, begin like this.
    return "flink-rnn/" + job.name() + "/" + sink + "/";
  }
}
