package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Submits a job to a running Flink cluster, with the job jar. */
final class Submission {
  /** Flink's option for the savepoint that a job resumes from. */
  static final String SAVEPOINT = "execution.state-recovery.path";

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
    }
    // A job that resumes finds its own transactions open.
    if (checks && !takeOver && !job.flink().containsKey(SAVEPOINT)) {
      SameName.expectNone(job, console, true);
    }
    StreamExecutionEnvironment env =
        RnnJob.environment(job, configuration -> remote(configuration, jar));
    RnnJob.build(env, job);
    JobClient client = start(env);
    console.say("job", client.getJobID() + " on " + cluster.uri());
    console.say("status", awaitTasks(client));
  }

  /**
   * Two jobs with the same name lose predictions, because each aborts transactions of the other.
   */
  private void expectNoOther() throws IOException, InterruptedException {
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
    try {
      org.apache.flink.core.fs.Path savepoint = new org.apache.flink.core.fs.Path(path);
      if (savepoint.getFileSystem().exists(savepoint)) {
        return;
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Cannot check from this machine whether {} is a savepoint", path, e);
      return;
    }
    throw new UsageException("--from " + path + ": expected a savepoint or checkpoint");
  }

  /** Waits until every task runs. The status of the job is RUNNING before it has any slot. */
  private String awaitTasks(JobClient client) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      JobStatus status = client.getJobStatus().get();
      if (status == JobStatus.FAILED || status == JobStatus.CANCELED) {
        throw new FailedJobException(
            "the job is " + status + ": " + cause(client) + "; see " + cluster.uri());
      }
      if (status == JobStatus.FINISHED || tasksRun(client.getJobID())) {
        return status.toString();
      }
      if (System.nanoTime() > deadline) {
        throw new FailedJobException(
            "the job was accepted, but not all of its tasks are running after "
                + START_SECONDS
                + " s (too few slots, or a model that a TaskManager cannot read?); see "
                + cluster.uri());
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Why the job ended. */
  private String cause(JobClient client) throws InterruptedException {
    try {
      client.getJobExecutionResult().get();
      return "unknown cause";
    } catch (ExecutionException e) {
      return console.rootCause(e);
    }
  }

  private boolean tasksRun(JobID job) throws IOException, InterruptedException {
    JsonNode vertices = cluster.get("/jobs/" + job).path("vertices");
    for (JsonNode vertex : vertices) {
      String status = vertex.path("status").asString("");
      if (!status.equals("RUNNING") && !status.equals("FINISHED")) {
        return false;
      }
    }
    return !vertices.isEmpty();
  }

  private JobClient start(StreamExecutionEnvironment env) {
    try {
      return env.executeAsync(job.name());
    } catch (Exception e) {
      throw new UsageException(cluster.named() + ": " + console.rootCause(e));
    }
  }

  private StreamExecutionEnvironment remote(Configuration configuration, Path jar) {
    URI uri = cluster.uri();
    int given = uri.getPort();
    int port = given >= 0 ? given : "https".equals(uri.getScheme()) ? 443 : 80;
    if ("https".equals(uri.getScheme())) {
      configuration.setString("security.ssl.rest.enabled", "true");
    }
    configuration.setString("client.timeout", "30 s");
    return StreamExecutionEnvironment.createRemoteEnvironment(
        uri.getHost(), port, configuration, jar.toString());
  }
}
