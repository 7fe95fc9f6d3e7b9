package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Whether a job can run: all that is checked before anything starts, so that what is wrong is one
 * line. Reading a job file has checked each field by itself; here stand the rules between fields,
 * with the model, with the endpoints, and with Flink's environment.
 */
public final class JobValidator {
  /** Kafka's own limit for a message, where the job sets none. */
  private static final String MAX_REQUEST = "1048576";

  /** A float32 in JSON, with its comma, at its longest. */
  private static final int FLOAT_CHARACTERS = 15;

  /** Each is compared with all of Flink's names: a file of nothing else would take minutes. */
  private static final int MOST_MISSPELT = 20;

  /**
   * The job's model.
   *
   * @param description in a line
   * @param fixedSteps {@link RnnModel#fixedSteps}
   */
  public record Model(String description, int fixedSteps) {}

  private final JobFile job;

  JobValidator(JobFile job) {
    this.job = job;
  }

  /**
   * Reads the model, and looks for the job's files, brokers and topics from this machine.
   *
   * @return the model
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static Model validate(JobFile job) {
    Model model = validateWithoutTopics(job);
    validateTopics(job);
    return model;
  }

  /**
   * The same without the brokers, for a job that will be given others.
   *
   * @return the model
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static Model validateWithoutTopics(JobFile job) {
    JobValidator validator = new JobValidator(job);
    Model found;
    try (RnnModel model = validator.model()) {
      validator.together(model);
      found = new Model(model.describe(), model.fixedSteps());
    }
    new EndpointCheck(job).files();
    return found;
  }

  /**
   * Looks for brokers and topics only, for what goes on outside the job.
   *
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static void validateTopics(JobFile job) {
    new EndpointCheck(job).topics();
  }

  /**
   * What Flink's options must be, those of the cluster included: a stream, and for exactly-once
   * checkpoints before transactions time out.
   *
   * @throws InvalidFileException for the first thing that is wrong
   */
  static void validateEnvironment(JobFile job, StreamExecutionEnvironment env) {
    job.sinks().forEach((field, sink) -> transactions(job, env, field, sink));
  }

  /**
   * As a stream alone a key's tokens keep their order.
   *
   * @throws InvalidFileException for a batch
   */
  static void validateMode(JobFile job) {
    String mode = job.flink().getOrDefault("execution.runtime-mode", "STREAMING");
    if (!mode.equalsIgnoreCase("STREAMING")) {
      throw new InvalidFileException(
          job.file(),
          "flink.execution.runtime-mode",
          "expected STREAMING, found " + mode + ": a batch sorts the tokens of a key");
    }
  }

  /** The rules between fields, and with the model. */
  void together(RnnModel model) {
    endpointsDiffer();
    pointersDiffer(model);
    predictionsFit(model);
    modelFits(model);
  }

  /** What is odd without being a mistake, a line each: file, field, what is odd. */
  public static List<String> warnings(JobFile job) {
    List<String> lines = new ArrayList<>();
    misspeltOptions(job, lines);
    return lines;
  }

  private static void misspeltOptions(JobFile job, List<String> lines) {
    if (job.flink().isEmpty()) {
      return;
    }
    FlinkOptions options = new FlinkOptions();
    for (String name : job.flink().keySet()) {
      if (lines.size() == MOST_MISSPELT) {
        lines.add(
            job.file()
                + ": flink: the options behind "
                + MOST_MISSPELT
                + " like these were not looked at");
        return;
      }
      options
          .suspicion(name)
          .ifPresent(what -> lines.add(job.file() + ": flink." + name + ": " + what));
    }
  }

  private RnnModel model() {
    try {
      return RnnModel.load(job.model().files());
    } catch (IOException e) {
      throw new InvalidFileException(job.file(), "model", "cannot be read: " + e.getMessage());
    }
  }

  private void modelFits(RnnModel model) {
    try {
      ModelFit.check(model, job.sequence(), job.output());
    } catch (OptionException e) {
      throw new InvalidFileException(job.file(), e.field(), e.problem());
    }
  }

  /** No file and no topic is read and written, or written twice. */
  private void endpointsDiffer() {
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

  private static void transactions(
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
