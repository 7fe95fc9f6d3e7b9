package io.github.flinkrnn.job;

import io.github.flinkrnn.file.LineFileSink;
import io.github.flinkrnn.file.LineFormat;
import io.github.flinkrnn.file.PrintSink;
import io.github.flinkrnn.file.StdinSource;
import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.SequenceEndEncoder;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** Adds a job's source and sinks to its graph, under uids that never change. */
final class Endpoints {
  private static final String SOURCE_UID = "source";
  private static final String SINK_UID = "predictions";
  private static final String DEAD_LETTERS_UID = "dead-letters";
  private static final String ENDS_UID = "ends";

  private Endpoints() {}

  static DataStream<SourceRecord> records(StreamExecutionEnvironment env, JobFile job) {
    WatermarkStrategy<SourceRecord> time = EventTime.of(job);
    SingleOutputStreamOperator<SourceRecord> records;
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      boolean readsHeaders = job.deadLetters().isPresent() || job.fields().useHeaders();
      var source =
          Topics.source(
              kafka.topics(),
              start(kafka.start()),
              kafka.bounded(),
              kafka.properties(),
              readsHeaders);
      records = env.fromSource(source, time, kafka.topics().toString());
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

  @SuppressWarnings("deprecation") // the connector has no other type for partitions without commit
  private static OffsetsInitializer start(SourceSpec.Start start) {
    return switch (start.from()) {
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
      case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
      case TIME -> OffsetsInitializer.timestamp(start.millis());
    };
  }

  /** Adds the job's sinks. Outputs beyond the limits of a topic are rejected too. */
  static void sinks(RnnGraph graph, JobFile job) {
    sinks(graph, job, SinkTransactions.of(job));
  }

  /** The same with other transactional ids. */
  static void sinks(RnnGraph graph, JobFile job, SinkTransactions transactions) {
    SingleOutputStreamOperator<SinkRecord> predictions =
        encoded(
            graph.predictions(),
            EncodeFunction.ofPredictions(
                job.sink(), new PredictionEncoder(job.carriedNames()), job.fields().form()),
            SINK_UID);
    attach(predictions, job.sink(), SINK_UID, transactions);
    DataStream<RejectedRecord> rejected =
        graph.rejected().union(predictions.getSideOutput(RnnFunction.REJECTED));
    if (job.ends().isPresent()) {
      SinkSpec to = job.ends().get();
      SingleOutputStreamOperator<SinkRecord> ends =
          encoded(
              graph.ended(),
              EncodeFunction.ofEnds(to, new SequenceEndEncoder(), job.fields().form().keyFormat()),
              ENDS_UID);
      attach(ends, to, ENDS_UID, transactions);
      rejected = rejected.union(ends.getSideOutput(RnnFunction.REJECTED));
    }
    deadLetters(rejected, job, transactions);
  }

  private static void deadLetters(
      DataStream<RejectedRecord> rejected, JobFile job, SinkTransactions transactions) {
    if (job.deadLetters().isEmpty()) {
      rejected.sinkTo(new DeadLetterLog()).uid(DEAD_LETTERS_UID).name(DEAD_LETTERS_UID);
    } else {
      SinkSpec to = job.deadLetters().get();
      attach(
          encoded(rejected, EncodeFunction.ofDeadLetters(to), DEAD_LETTERS_UID),
          to,
          DEAD_LETTERS_UID,
          transactions);
    }
  }

  private static <T> SingleOutputStreamOperator<SinkRecord> encoded(
      DataStream<T> stream, EncodeFunction<T> function, String sink) {
    String name = "encode-" + sink;
    return stream
        .process(function)
        .returns(TypeInformation.of(SinkRecord.class))
        .name(name)
        .uid(name);
  }

  private static void attach(
      DataStream<SinkRecord> records, SinkSpec spec, String uid, SinkTransactions transactions) {
    DataStreamSink<SinkRecord> end;
    if (spec instanceof SinkSpec.Kafka kafka) {
      end =
          records.sinkTo(
              Topics.sink(
                  kafka.topic(),
                  kafka.delivery(),
                  transactions.prefix(uid),
                  transactions.timeoutMillis(),
                  kafka.properties()));
    } else if (spec instanceof SinkSpec.File file) {
      end = LineFileSink.attach(records, file.path(), SinkRecord::value);
    } else {
      end = PrintSink.attach(records, ((SinkSpec.Print) spec).toStderr(), SinkRecord::value);
    }
    end.uid(uid).name(uid);
  }
}
