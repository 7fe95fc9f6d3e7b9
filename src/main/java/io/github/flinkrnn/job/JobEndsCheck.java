package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What a job's ends must not be together, though each may be right alone. */
final class JobEndsCheck {
  /** Kafka's own limit for a message, where the job sets none. */
  private static final String MAX_REQUEST = "1048576";

  /** A float32 in JSON, with its comma, at its longest. */
  private static final int FLOAT_CHARACTERS = 15;

  private final JobFile job;

  private JobEndsCheck(JobFile job) {
    this.job = job;
  }

  /**
   * Looks at the ends together and at the model between them.
   *
   * @throws InvalidFileException for the first thing that is wrong
   */
  static void check(JobFile job, RnnModel model) {
    JobEndsCheck check = new JobEndsCheck(job);
    check.endsDiffer();
    check.pointersDiffer(model);
    check.predictionsFit(model);
  }

  /** No file and no topic is read and written, or written twice. */
  private void endsDiffer() {
    Map<String, String> fields = new HashMap<>();
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      fields.put(topic(kafka.topic(), kafka.properties()), "source");
    } else if (job.source() instanceof SourceSpec.File file && !file.isStdin()) {
      fields.put(real(new Path(file.path()).getPath()), "source");
    }
    job.sinks().forEach((field, sink) -> differ(fields, field, sink));
  }

  private void differ(Map<String, String> fields, String field, SinkSpec sink) {
    String place = null;
    if (sink instanceof SinkSpec.Kafka kafka) {
      place = topic(kafka.topic(), kafka.properties());
    } else if (sink instanceof SinkSpec.File file && !file.path().startsWith("/dev/")) {
      place = real(file.path());
    }
    String other = place == null ? null : fields.putIfAbsent(place, field);
    if (other != null) {
      throw new InvalidFileException(
          job.file(), field, "is where " + other + " is, too: expected another file or topic");
    }
  }

  /** Where a path leads, links followed. */
  private static String real(String path) {
    try {
      return java.nio.file.Path.of(path).toRealPath().toString();
    } catch (IOException e) {
      return path; // it is not there yet
    }
  }

  private static String topic(String topic, Map<String, String> properties) {
    return "topic " + topic + " at " + properties.get("bootstrap.servers");
  }

  /** The features are read in one go: nothing can be read from inside them as well. */
  private void pointersDiffer(RnnModel model) {
    TokenFields fields = job.fields();
    String inside = fields.pointers().getOrDefault("features", "/features") + "/";
    if (!(model.input() instanceof ModelInput.Features)) {
      return;
    }
    for (Map.Entry<String, String> field : fields.pointers().entrySet()) {
      if (field.getValue().startsWith(inside)) {
        throw new InvalidFileException(
            job.file(), "source.fields." + field.getKey(), "expected a place outside the features");
      }
    }
    for (String carried : fields.carried()) {
      if (carried.startsWith(inside)) {
        throw new InvalidFileException(
            job.file(), "output.carry", carried + ": expected a place outside the features");
      }
    }
  }

  /**
   * A model so wide that its predictions are no Kafka message is found now, not at the first token.
   */
  private void predictionsFit(RnnModel model) {
    if (!(job.sink() instanceof SinkSpec.Kafka kafka)) {
      return;
    }
    long floats = 0;
    for (OutputField field : job.output().fields()) {
      switch (field) {
        case PREDICTION -> floats += job.output().topK() > 0 ? 0 : model.outputSize();
        case LOGITS -> floats += model.outputSize();
        case HIDDEN -> floats += model.hiddenSize();
        default -> {}
      }
    }
    String most = kafka.properties().getOrDefault("max.request.size", MAX_REQUEST);
    if (most.matches("\\d{1,10}") && floats * FLOAT_CHARACTERS > Long.parseLong(most)) {
      throw new InvalidFileException(
          job.file(),
          "sink.properties.max.request.size",
          most
              + " bytes, but a prediction of this model may take "
              + floats * FLOAT_CHARACTERS
              + "; expected more, here and at the broker, or fewer output.fields");
    }
  }

  /**
   * What the environment must be for exactly-once to hold: it depends on Flink's options, those of
   * the cluster included.
   */
  static void checkTransactions(JobFile job, StreamExecutionEnvironment env) {
    job.sinks().forEach((field, sink) -> checkTransactions(job, env, field, sink));
  }

  private static void checkTransactions(
      JobFile job, StreamExecutionEnvironment env, String field, SinkSpec sink) {
    if (!(sink instanceof SinkSpec.Kafka kafka)
        || kafka.delivery() != DeliveryGuarantee.EXACTLY_ONCE) {
      return;
    }
    if (env.getCheckpointingConsistencyMode() != CheckpointingMode.EXACTLY_ONCE) {
      throw new InvalidFileException(
          job.file(),
          field + ".delivery",
          "exactly-once, expected flink.execution.checkpointing.mode: EXACTLY_ONCE with it");
    }
    String timeout =
        kafka
            .properties()
            .getOrDefault(
                "transaction.timeout.ms", String.valueOf(Topics.TRANSACTION_TIMEOUT_MILLIS));
    long interval = env.getCheckpointInterval();
    if (timeout.matches("\\d{1,10}") && interval >= Long.parseLong(timeout)) {
      throw new InvalidFileException(
          job.file(),
          field + ".delivery",
          "exactly-once, expected checkpoints more often than transactions time out (every "
              + interval
              + " ms, after "
              + timeout
              + " ms)");
    }
  }
}
