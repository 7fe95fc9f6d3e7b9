package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.flink.client.deployment.executors.PipelineExecutorUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Submits a job to a running Flink cluster, with the job jar. */
final class Submission {
  /** Flink's option for the savepoint that a job resumes from. */
  static final String SAVEPOINT = "execution.state-recovery.path";

  /** Flink's option for the parallelism of a job. */
  private static final String PARALLELISM = "parallelism.default";

  /** Flink's limit for a parallelism. */
  private static final int MOST = 1 << 15;

  private static final Logger LOG = LoggerFactory.getLogger(Submission.class);
  private static final long START_SECONDS = 60;

  private final JobFile job;
  private final RunningCluster cluster;
  private final Console console;

  Submission(JobFile job, RunningCluster cluster, Console console) {
    this.job = job;
    this.cluster = cluster;
    this.console = console;
  }

  /**
   * The override of the job file for {@code --parallelism}, if it is given.
   *
   * @throws UsageException for an invalid value, or if {@code --set} sets the parallelism too
   */
  static Optional<String> parallelism(Arguments arguments) {
    Optional<String> value = arguments.one("--parallelism");
    String set = "flink." + PARALLELISM + "=";
    if (value.isPresent()) {
      String n = value.get();
      if (!n.matches("\\d{1,5}") || Integer.parseInt(n) < 1 || Integer.parseInt(n) > MOST) {
        throw new UsageException("--parallelism " + n + ": expected an integer from 1 to " + MOST);
      }
      if (arguments.all("--set").stream().anyMatch(other -> other.startsWith(set))) {
        throw new UsageException(
            "--parallelism and --set " + set + n + ": expected only one of them");
      }
    }
    return value.map(set::concat);
  }

  /**
   * The override of the job file for {@code --from}, if it is given.
   *
   * @throws UsageException for {@code latest}, which would be a relative path
   */
  static Optional<String> from(Arguments arguments) {
    Optional<String> value = arguments.one("--from");
    if (value.equals(Optional.of("latest"))) {
      throw new UsageException(
          "--from latest: expected the path of a savepoint or checkpoint with --submit; only the"
              + " job's own main, as in flink run, looks for the latest");
    }
    return value.map(path -> "flink." + SAVEPOINT + "=" + Locations.absolute(path));
  }

  /**
   * Submits the job, and waits until it runs.
   *
   * @param jar the job jar
   * @param checks whether to check model, brokers and topics from this machine
   * @param takeOver whether the transactions of another job with this name do not matter
   */
  void submit(Path jar, boolean checks, boolean takeOver) throws Exception {
    if (!Files.isRegularFile(jar)) {
      throw new UsageException("--submit: missing: expected the job jar " + jar);
    }
    cluster.expect();
    if (checks) {
      expectNoOther();
      expectSavepoint();
      ModelLines.say(console, job, JobValidator.validate(job));
      JobValidator.startLines(job).forEach(line -> console.say("start", line));
      JobValidator.anewLine(job).ifPresent(line -> console.say("start", line));
    }
    // A job that resumes finds its own transactions open.
    if (checks && !takeOver && !job.flink().containsKey(SAVEPOINT)) {
      SameName.expectNone(job, console, true);
    }
    Parallelism parallelism = parallelism();
    StreamGraph graph = graph(jar, parallelism);
    String id = graph.getJobID().toString();
    start(graph, jar);
    console.say("job", id + " on " + cluster.uri() + ", parallelism " + parallelism.shown());
    console.say("status", awaitTasks(id));
  }

  /**
   * Two jobs with the same name lose predictions, because each aborts transactions of the other.
   */
  private void expectNoOther() throws FailedJobException, InterruptedException {
    List<String> others = cluster.jobs(job.name());
    if (!others.isEmpty()) {
      throw new UsageException(
          cluster.named()
              + (": the job '" + job.name() + "' is already running, as " + others.get(0))
              + "; use --stop to stop it with a savepoint");
    }
  }

  private void expectSavepoint() {
    String path = job.flink().get(SAVEPOINT);
    if (path == null) {
      return;
    }
    Optional<String> problem;
    try {
      problem = new SavepointPath(path).problem();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Cannot check from this machine whether {} is a savepoint", path, e);
      return;
    }
    if (problem.isPresent()) {
      throw new UsageException("--from " + path + ": " + problem.get());
    }
  }

  /**
   * A parallelism.
   *
   * @param from where it is from
   */
  private record Parallelism(String value, String from) {
    String shown() {
      return value + " (" + from + ")";
    }
  }

  /** The job's own parallelism, or that of the cluster. */
  private Parallelism parallelism() throws InterruptedException {
    String own = job.flink().get(PARALLELISM);
    if (own != null) {
      return new Parallelism(own, "set for the job");
    }
    OptionalInt ofCluster;
    try {
      ofCluster = cluster.parallelism();
    } catch (FailedJobException e) {
      throw new UsageException(e.getMessage() + "; without " + PARALLELISM + ", use --parallelism");
    }
    return ofCluster.isPresent()
        ? new Parallelism(String.valueOf(ofCluster.getAsInt()), PARALLELISM + " of the cluster")
        : new Parallelism("1", "the cluster has no " + PARALLELISM);
  }

  private StreamGraph graph(Path jar, Parallelism parallelism) {
    Configuration[] used = new Configuration[1];
    StreamExecutionEnvironment env =
        RnnJob.environment(
            job,
            configuration -> {
              List<String> ofThisProcess = // only, and secret
                  configuration.keySet().stream()
                      .filter(key -> key.startsWith(ClusterTls.PREFIX))
                      .toList();
              ofThisProcess.forEach(configuration::removeKey);
              configuration.setString(PARALLELISM, parallelism.value());
              configuration.set(PipelineOptions.JARS, List.of(jar.toUri().toString()));
              used[0] = configuration;
              return new StreamExecutionEnvironment(configuration);
            });
    RnnJob.build(env, job);
    try {
      StreamGraph graph = PipelineExecutorUtils.getStreamGraph(env.getStreamGraph(), used[0]);
      graph.setJobName(job.name());
      graph.serializeUserDefinedInstances();
      return graph;
    } catch (Exception e) { // as declared by Flink
      throw new UsageException("--submit: " + console.rootCause(e));
    }
  }

  private void start(StreamGraph graph, Path jar) throws Exception {
    ByteArrayOutputStream plan = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(plan)) {
      out.writeObject(graph);
    }
    String errors = RunningCluster.errors(cluster.submit(plan.toByteArray(), jar));
    if (!errors.isEmpty()) {
      LOG.error("The cluster rejected the job: {}", errors);
      throw new UsageException(cluster.named() + ": " + StopCommand.cause(console.hidden(errors)));
    }
  }

  /** Waits until every task runs. The status of the job is RUNNING before it has any slot. */
  private String awaitTasks(String id) throws FailedJobException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      JsonNode details = cluster.get("/jobs/" + id);
      String status = details.path("state").asString("");
      if (status.equals("FAILED") || status.equals("CANCELED")) {
        throw new FailedJobException(
            "the job is " + status + ": " + cause(id) + "; see " + cluster.uri());
      }
      if (status.equals("FINISHED") || tasksRun(details.path("vertices"))) {
        return status;
      }
      if (System.nanoTime() > deadline) {
        throw new FailedJobException(
            "the job was accepted, but not all of its tasks are running after "
                + START_SECONDS
                + " s (too few slots, or a model that a TaskManager cannot read?); see "
                + cluster.uri()
                + "; it stays there until --stop URL --without-savepoint cancels it");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Why the job ended. */
  private String cause(String id) throws FailedJobException, InterruptedException {
    String trace =
        cluster
            .get("/jobs/" + id + "/execution-result")
            .path("job-execution-result")
            .path("failure-cause")
            .path("stack-trace")
            .asString("");
    LOG.error("The job {} failed: {}", id, trace);
    return trace.isEmpty() ? "unknown cause" : StopCommand.cause(console.hidden(trace));
  }

  private static boolean tasksRun(JsonNode vertices) {
    for (JsonNode vertex : vertices) {
      String status = vertex.path("status").asString("");
      if (!status.equals("RUNNING") && !status.equals("FINISHED")) {
        return false;
      }
    }
    return !vertices.isEmpty();
  }
}
