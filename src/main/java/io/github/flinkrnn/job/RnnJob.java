package io.github.flinkrnn.job;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.OptionalLibrary;
import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.operator.OnRejected;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job: {@code flink run flink-rnn-VERSION.jar --job JOB.yaml [--model DIR] [--set FIELD=VALUE]…
 * [--from PATH|latest] [--skip-checks]}. The submitting machine checks the model, files, brokers
 * and topics before anything starts. {@code --skip-checks} is for a machine that cannot reach them.
 */
@Internal
public final class RnnJob {
  private static final long DEFAULT_CHECKPOINT_MILLIS = 1000;

  private RnnJob() {}

  public static void main(String[] args) throws Exception {
    EnvironmentValues environment = new EnvironmentValues(System::getenv);
    Built built;
    try {
      built = build(args, environment);
    } catch (InvalidFileException e) {
      throw said(e.shown(environment::hide));
    } catch (UsageException e) {
      throw said(e);
    } catch (NoClassDefFoundError e) {
      throw said(new UsageException("a job file: " + OptionalLibrary.missing(e)));
    } catch (Exception e) {
      throw environment.hide(e);
    }
    // Not caught: Flink handles these exceptions by type, and after a failover some are no failure.
    built.env().execute(built.name());
  }

  /** A job that is ready to be executed. */
  private record Built(StreamExecutionEnvironment env, String name) {}

  /** Prints the message first, because Flink's client prints a stack trace. */
  private static <E extends Exception> E said(E mistake) {
    say(mistake.getMessage());
    return mistake;
  }

  private static void say(String line) {
    System.err.println("flink-rnn: " + Shown.line(line));
  }

  private static Built build(String[] args, EnvironmentValues environment) {
    Arguments arguments =
        Arguments.parse(
            args, Set.of("--job", "--model", "--set", "--from"), Set.of("--skip-checks"));
    String path =
        arguments
            .one("--job")
            .orElseThrow(() -> new UsageException("--job: missing: expected a job file"));
    if (!arguments.rest().isEmpty()) {
      throw new UsageException(arguments.rest().get(0) + ": expected only options");
    }
    JobFile job = JobFileReader.read(path, overrides(arguments), environment);
    for (String warning : JobWarnings.of(job)) {
      say("warning: " + environment.hide(warning));
    }
    if (!arguments.has("--skip-checks")) {
      JobValidator.validate(job);
    }
    StreamExecutionEnvironment env =
        environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    build(env, job);
    arguments.one("--from").ifPresent(from -> resume(env, job.name(), from));
    if (!arguments.has("--skip-checks")) {
      JobValidator.startLines(job, env.getConfiguration())
          .forEach(line -> say(environment.hide(line)));
    }
    return new Built(env, job.name());
  }

  private static void resume(StreamExecutionEnvironment env, String job, String from) {
    Optional<String> path =
        from.equals(LatestCheckpoint.WORD)
            ? LatestCheckpoint.of(job, env.getConfiguration())
            : Optional.of(from);
    say(path.map(p -> "resumes from " + p).orElse("nothing to resume from: this is the first run"));
    path.ifPresent(
        p ->
            env.configure(
                new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, p),
                Thread.currentThread().getContextClassLoader()));
  }

  /** The values of {@code --set}, and {@code --model} as one of them. */
  public static List<String> overrides(Arguments arguments) {
    List<String> overrides = new ArrayList<>(arguments.all("--set"));
    arguments
        .one("--model")
        .ifPresent(
            model -> {
              boolean uri = model.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*");
              String whole = uri ? model : Locations.absolute(model);
              overrides.add("model=" + whole);
            });
    return overrides;
  }

  /**
   * An environment with a job's Flink options, and our defaults for the others.
   *
   * @param factory creates an environment for a configuration
   * @throws InvalidFileException if Flink cannot read an option
   */
  public static StreamExecutionEnvironment environment(
      JobFile job, Function<Configuration, StreamExecutionEnvironment> factory) {
    try {
      return factory.apply(configuration(job));
    } catch (IllegalArgumentException | IllegalConfigurationException e) {
      throw new InvalidFileException(job.file(), "flink", e.getMessage());
    }
  }

  private static Configuration configuration(JobFile job) {
    Configuration configuration = Configuration.fromMap(job.flink());
    setDefault(configuration, "pipeline.name", job.name());
    // Chained operators pass the record itself. This is safe: each operator creates new records,
    // none modifies a record or an array in it, and none keeps one. The recurrence keeps its own
    // arrays, and the sinks write a record before the call returns.
    setDefault(configuration, "pipeline.object-reuse", "true");
    // No state or record is serialized by Kryo, and no operator has a generated uid.
    setDefault(configuration, "pipeline.generic-types", "false");
    setDefault(configuration, "pipeline.auto-generate-uids", "false");
    return configuration;
  }

  private static void setDefault(Configuration configuration, String key, String value) {
    if (!configuration.containsKey(key)) {
      configuration.setString(key, value);
    }
  }

  /**
   * Builds the job without running it, to find contradicting options before anything starts.
   *
   * @throws InvalidFileException for the first problem
   */
  public static void check(JobFile job) {
    build(environment(job, StreamExecutionEnvironment::getExecutionEnvironment), job);
  }

  /** Builds the job in an environment. */
  public static void build(StreamExecutionEnvironment env, JobFile job) {
    prepare(env, job);
    connect(Endpoints.records(env, job), job, SinkTransactions.of(job));
  }

  /** The same for a run in this process, beside which the job may run on a cluster. */
  public static void buildLocal(StreamExecutionEnvironment env, JobFile job) {
    prepare(env, job);
    SinkTransactions transactions = SinkTransactions.ofLocalRun(job, env.getCheckpointInterval());
    connect(Endpoints.records(env, job), job, transactions);
  }

  /** The interval of a job's checkpoints. */
  static Duration checkpointInterval(JobFile job) {
    StreamExecutionEnvironment env =
        environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    prepare(env, job);
    return Duration.ofMillis(env.getCheckpointInterval());
  }

  private static void prepare(StreamExecutionEnvironment env, JobFile job) {
    env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
    boolean transactions = usesKafka(job);
    if (transactions && !env.getCheckpointConfig().isCheckpointingEnabled()) {
      env.enableCheckpointing(DEFAULT_CHECKPOINT_MILLIS);
    }
    if (job.source() instanceof SourceSpec.File file && file.isStdin()) {
      // It cannot be read again from a checkpoint.
      env.getCheckpointConfig().disableCheckpointing();
    }
    JobValidator.validateEnvironment(job, env);
  }

  /** Adds the job's graph and sinks to its source. */
  static void connect(DataStream<SourceRecord> records, JobFile job) {
    connect(records, job, SinkTransactions.of(job));
  }

  private static void connect(
      DataStream<SourceRecord> records, JobFile job, SinkTransactions transactions) {
    RnnGraph graph =
        RnnGraph.of(
            records,
            new TokenDecodeFunction(
                    job.model(), job.fields(), job.maxRecordBytes(), job.deadLetters().isPresent())
                .watching(job.source()),
            RnnFunction.of(job.model().uri())
                .with(job.sequence())
                .with(job.output())
                .with(job.batch())
                .withStateCache(job.stateCache())
                .with(OnRejected.SIDE_OUTPUT));
    Endpoints.sinks(graph, job, transactions);
  }

  /** Whether the job reads or writes a topic: without checkpoints, nothing would be committed. */
  private static boolean usesKafka(JobFile job) {
    return job.source() instanceof SourceSpec.Kafka
        || job.sinks().values().stream().anyMatch(SinkSpec.Kafka.class::isInstance);
  }
}
