package io.github.flinkrnn.local;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Preflight;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import tools.jackson.databind.JsonNode;

/** Sends a job to a running Flink cluster, with the job jar. */
final class Submission {
  private static final long START_SECONDS = 60;

  private final JobFile job;
  private final URI cluster;
  private final Console console;
  private final HttpClient http = HttpClient.newHttpClient();

  Submission(JobFile job, String url, Console console) {
    this.job = job;
    this.cluster = uri(url);
    this.console = console;
  }

  private static URI uri(String url) {
    String expected = "--submit " + url + ": expected a cluster's URL, like http://localhost:8081";
    try {
      URI uri = new URI(url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new UsageException(expected);
    }
    throw new UsageException(expected);
  }

  /**
   * Submits, and waits until the job runs.
   *
   * @param jar the job jar
   * @param checks whether to look for model, brokers and topics from here
   */
  void submit(Path jar, boolean checks) throws Exception {
    if (!Files.isRegularFile(jar)) {
      throw new UsageException("--submit: the job jar " + jar + " is missing");
    }
    expectCluster();
    if (checks) {
      console.say("model", Preflight.check(job));
    }
    StreamExecutionEnvironment env =
        RnnJob.environment(job, configuration -> remote(configuration, jar));
    RnnJob.build(env, job);
    JobClient client = start(env);
    console.say("job", client.getJobID() + " on " + cluster);
    console.say("status", awaitTasks(client));
  }

  private void expectCluster() throws InterruptedException {
    try {
      ask("/overview");
    } catch (IOException e) {
      throw new UsageException("--submit " + cluster + ": no Flink cluster answers there");
    }
  }

  private byte[] ask(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(cluster.resolve(path)).timeout(Duration.ofSeconds(15)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
  }

  /** Until every task runs: the job's own status says RUNNING before it has a single slot. */
  private String awaitTasks(JobClient client) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      JobStatus status = client.getJobStatus().get();
      if (status == JobStatus.FAILED || status == JobStatus.CANCELED) {
        throw new FailedJobException("the job is " + status + ", see " + cluster);
      }
      if (status == JobStatus.FINISHED || tasksRun(client.getJobID())) {
        return status.toString();
      }
      if (System.nanoTime() > deadline) {
        throw new FailedJobException(
            "the job was accepted, but not all of its tasks run after "
                + START_SECONDS
                + " s (no slot, or a model that a TaskManager cannot read?), see "
                + cluster);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private boolean tasksRun(JobID job) throws IOException, InterruptedException {
    JsonNode vertices =
        ConfigJson.parse(cluster.toString(), "", ask("/jobs/" + job)).path("vertices");
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
      throw new UsageException("--submit " + cluster + ": " + Main.rootCause(e));
    }
  }

  private StreamExecutionEnvironment remote(Configuration configuration, Path jar) {
    int given = cluster.getPort();
    int port = given >= 0 ? given : "https".equals(cluster.getScheme()) ? 443 : 80;
    if ("https".equals(cluster.getScheme())) {
      configuration.setString("security.ssl.rest.enabled", "true");
    }
    configuration.setString("client.timeout", "30 s");
    return StreamExecutionEnvironment.createRemoteEnvironment(
        cluster.getHost(), port, configuration, jar.toString());
  }
}
