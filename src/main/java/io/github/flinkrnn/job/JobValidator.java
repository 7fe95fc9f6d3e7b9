package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.kafka.CommittedStart;
import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicCheck;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.operator.TokenReader;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Checks a job before anything starts. Each error is one line. {@link JobFileReader} has checked
 * each field separately. This class checks the rules between fields, and that the job fits the
 * model, the endpoints and Flink's environment.
 */
@Internal
public final class JobValidator {
  /** Kafka's default limit for a request. */
  private static final String MAX_REQUEST = "1048576";

  /** The maximum length of a float32 in JSON, with its comma. */
  private static final int FLOAT_CHARACTERS = 15;

  /**
   * The job's model.
   *
   * @param description in one line
   * @param fixedSteps {@link RnnModel#fixedSteps}
   * @param bidirectionalLayers {@link RnnModel#bidirectionalLayers}
   */
  public record Model(String description, int fixedSteps, int bidirectionalLayers) {}

  private final JobFile job;

  JobValidator(JobFile job) {
    this.job = job;
  }

  /**
   * Reads the model, and checks the job's files, brokers and topics from this machine.
   *
   * @return the model
   * @throws InvalidFileException for the first problem
   */
  public static Model validate(JobFile job) {
    Model model = validateWithoutTopics(job);
    validateTopics(job);
    return model;
  }

  /**
   * The same checks without those of brokers and topics, for a caller that uses other brokers.
   *
   * @return the model
   * @throws InvalidFileException for the first problem
   */
  public static Model validateWithoutTopics(JobFile job) {
    JobValidator validator = new JobValidator(job);
    Model found;
    try (RnnModel model = validator.model()) {
      validator.together(model);
      found = new Model(model.describe(), model.fixedSteps(), model.bidirectionalLayers());
    }
    new EndpointCheck(job).files();
    return found;
  }

  /**
   * Checks only brokers and topics.
   *
   * @throws InvalidFileException for the first problem
   */
  public static void validateTopics(JobFile job) {
    new EndpointCheck(job).topics();
  }

  /**
   * Where the job begins if that is not what its file says: with {@code start: committed}, a line
   * for each topic without committed offsets in all its partitions. None if the job resumes, at the
   * offsets of its savepoint or checkpoint. Asks the brokers.
   */
  public static List<String> startLines(JobFile job) {
    return startLines(job, Configuration.fromMap(job.flink()));
  }

  /**
   * The same with options that are not all in the job file.
   *
   * @param flink the options that the job will have
   */
  static List<String> startLines(JobFile job, ReadableConfig flink) {
    return job.source() instanceof SourceSpec.Kafka kafka
            && kafka.start().from() == SourceSpec.From.COMMITTED
            && flink.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isEmpty()
        ? new CommittedStart(kafka.topics(), kafka.properties()).gaps()
        : List.of();
  }

  /**
   * A line if the job ran before, but neither resumes nor begins where it ended. Asks the brokers.
   */
  public static Optional<String> anewLine(JobFile job) {
    if (!(job.source() instanceof SourceSpec.Kafka kafka)
        || kafka.start().from() == SourceSpec.From.COMMITTED
        || job.flink().containsKey(StateRecoveryOptions.SAVEPOINT_PATH.key())
        || !new CommittedStart(kafka.topics(), kafka.properties()).hasRead()) {
      return Optional.empty();
    }
    String does =
        switch (kafka.start().from()) {
          case LATEST -> "latest, and leaves out the records since";
          case TIME -> "a time, and repeats predictions since then";
          default -> "earliest, and repeats predictions";
        };
    return Optional.of(
        ("group " + kafka.properties().get("group.id") + " has committed offsets; without --from, ")
            + ("the job begins anew at start: " + does));
  }

  /**
   * The names of the topics that a source reads now. Asks the brokers if there is a pattern.
   *
   * @throws ExecutionException if the brokers do not list their topics
   */
  public static List<String> topics(SourceSpec.Kafka source)
      throws ExecutionException, InterruptedException, TimeoutException {
    return source.names().isEmpty()
        ? TopicCheck.names(source.topics(), source.properties())
        : source.names();
  }

  /**
   * Checks Flink's options, including those of the cluster. The job must be a streaming job,
   * because a batch job does not keep the order of a key's tokens. Exactly-once sinks need
   * exactly-once checkpoints, at an interval shorter than the transaction timeout.
   *
   * @throws InvalidFileException for the first problem
   */
  static void validateEnvironment(JobFile job, StreamExecutionEnvironment env) {
    String mode = job.flink().getOrDefault("execution.runtime-mode", "STREAMING");
    if (!mode.equalsIgnoreCase("STREAMING")) {
      throw new InvalidFileException(
          job.file(),
          "flink.execution.runtime-mode",
          "expected STREAMING, found " + mode + ": a batch job sorts the tokens of a key");
    }
    job.sinks().forEach((field, sink) -> transactions(job, env, field, sink));
  }

  /** Checks the rules between fields, and that the job fits the model. */
  void together(RnnModel model) {
    endpointsDiffer();
    fieldsExist(model);
    timesDecide(model);
    pointersDiffer(model);
    predictionsFit(model);
    modelFits(model);
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

  /** Checks that no file or topic is both read and written, or written twice. */
  private void endpointsDiffer() {
    Map<String, String> fields = new HashMap<>();
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      if (kafka.topics() instanceof SourceTopics.Named named) {
        named.names().forEach(name -> fields.put(topic(name, kafka.properties()), "source"));
      }
      job.sinks().forEach((field, sink) -> matchesNot(kafka, field, sink));
    } else if (job.source() instanceof SourceSpec.File file && !file.isStdin()) {
      fields.put(real(new Path(file.path()).getPath()), "source");
    }
    job.sinks().forEach((field, sink) -> differ(fields, field, sink));
  }

  /** Rejects a sink that writes to a topic that the source's pattern matches. */
  private void matchesNot(SourceSpec.Kafka source, String field, SinkSpec sink) {
    if (source.topics() instanceof SourceTopics.Matching matching
        && sink instanceof SinkSpec.Kafka kafka
        && matching.contains(kafka.topic())
        && topic("", source.properties()).equals(topic("", kafka.properties()))) {
      throw isRead(job, field, kafka.topic());
    }
  }

  /** The mistake of a sink that writes to a topic of the source. */
  static InvalidFileException isRead(JobFile job, String field, String topic) {
    boolean isPattern =
        job.source() instanceof SourceSpec.Kafka kafka
            && kafka.topics() instanceof SourceTopics.Matching;
    return isPattern
        ? new InvalidFileException(
            job.file(),
            field + ".topic",
            "expected a topic that source.topic_pattern does not match, found " + topic)
        : other(job, field, "source");
  }

  private static InvalidFileException other(JobFile job, String field, String first) {
    return new InvalidFileException(
        job.file(), field, "expected another file or topic, found that of " + first);
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
      throw other(job, field, other);
    }
  }

  /** The path with links resolved. */
  private static String real(String path) {
    try {
      return java.nio.file.Path.of(path).toRealPath().toString();
    } catch (IOException e) {
      return path; // it does not exist yet
    }
  }

  private static String topic(String topic, Map<String, String> properties) {
    return "topic " + topic + " at " + properties.get("bootstrap.servers");
  }

  /** Checks that each name in source.fields is a field of a token or of the model. */
  private void fieldsExist(RnnModel model) {
    List<String> known = new ArrayList<>(TokenFields.NAMES);
    for (TokenFields.Value value : TokenReader.fields(model, job.fields()).values()) {
      if (!known.contains(value.name())) {
        known.add(value.name());
      }
    }
    for (String name : job.fields().pointers().keySet()) {
      if (!known.contains(name)) {
        throw new InvalidFileException(
            job.file(), "source.fields." + name, Nearest.unknownField(name, known, known));
      }
    }
    if (job.fields().numericStrings() && !(model.input() instanceof ModelInput.Fields)) {
      throw new InvalidFileException(
          job.file(), "source.numeric_strings", "expected only for a model with input.fields");
    }
  }

  private void timesDecide(RnnModel model) {
    boolean elapsed = model.input() instanceof ModelInput.Fields fields && fields.needsTime();
    if (job.saysMaxAhead() && !job.fields().times().decide() && !elapsed) {
      throw new InvalidFileException(
          job.file(),
          "sequence.max_ahead",
          "expected only with order: timestamp or idle_time: event, or a model with elapsed time");
    }
  }

  /** Checks that no other field is inside an array of numbers, which is read as a whole. */
  private void pointersDiffer(RnnModel model) {
    TokenFields fields = TokenReader.fields(model, job.fields());
    if (model.input() instanceof ModelInput.Features) {
      pointersDiffer(fields, "the features", fields.pointer("features"));
    }
    for (TokenFields.Value value : fields.values()) {
      pointersDiffer(fields, "the field " + value.name(), fields.pointer(value.name()));
    }
  }

  private void pointersDiffer(TokenFields fields, String whole, String pointer) {
    String inside = pointer + "/";
    for (Map.Entry<String, String> field : fields.pointers().entrySet()) {
      pointersDiffer("source.fields." + field.getKey(), field.getValue(), whole, inside);
    }
    for (String part : fields.form().keyParts()) {
      pointersDiffer("source.fields.key", part, whole, inside);
    }
    for (String carried : fields.carried()) {
      pointersDiffer("output.carry", carried, whole, inside);
    }
  }

  private void pointersDiffer(String field, String pointer, String whole, String inside) {
    if (pointer.startsWith(inside)) {
      throw new InvalidFileException(
          job.file(), field, "expected a pointer outside " + whole + ", found " + pointer);
    }
  }

  /**
   * Checks that a prediction fits into a Kafka message. Otherwise the job would fail at the first
   * token.
   */
  private void predictionsFit(RnnModel model) {
    if (!(job.sink() instanceof SinkSpec.Kafka kafka)) {
      return;
    }
    long floats = 0;
    for (OutputField field : job.output().fields()) {
      switch (field) {
        case PREDICTION, LOGITS -> {
          for (Head head : model.heads()) {
            boolean isWhole = field == OutputField.LOGITS || job.output().topK(head.name()) == 0;
            floats += isWhole ? head.size() : 0;
          }
        }
        case HIDDEN -> floats += model.hiddenSize();
        default -> {}
      }
    }
    String most = kafka.properties().getOrDefault("max.request.size", MAX_REQUEST);
    if (most.matches("\\d{1,10}") && floats * FLOAT_CHARACTERS > Long.parseLong(most)) {
      throw new InvalidFileException(
          job.file(),
          "sink.properties.max.request.size",
          "expected at least the "
              + floats * FLOAT_CHARACTERS
              + " bytes that a prediction of this model may take, found "
              + most
              + "; raise it, also at the broker, or choose fewer output.fields");
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
          "expected flink.execution.checkpointing.mode: EXACTLY_ONCE with exactly-once, found "
              + env.getCheckpointingConsistencyMode().name());
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
          "expected a checkpoint interval below transaction.timeout.ms with exactly-once, found "
              + interval
              + " ms and "
              + timeout
              + " ms");
    }
  }
}
