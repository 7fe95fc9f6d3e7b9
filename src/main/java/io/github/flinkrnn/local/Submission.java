package io.github.flinkrnn.local;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Preflight;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Sends a job to a running Flink cluster, with the job jar. */
final class Submission {
  private static final long START_SECONDS = 60;

  private final JobFile job;
  private final URI cluster;
  private final Console console;

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
    if (checks) {
      console.say("model", Preflight.check(job).describe());
    }
    StreamExecutionEnvironment env =
        RnnJob.environment(job, configuration -> remote(configuration, jar));
    RnnJob.build(env, job);
    JobClient client = start(env);
    console.say("job", client.getJobID() + " on " + cluster);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    JobStatus status = client.getJobStatus().get();
    while (status != JobStatus.RUNNING && !status.isGloballyTerminalState()) {
      if (System.nanoTime() > deadline) {
        throw new UsageException(
            "the job is " + status + " after " + START_SECONDS + " s: no slot?");
      }
      TimeUnit.MILLISECONDS.sleep(200);
      status = client.getJobStatus().get();
    }
    if (status == JobStatus.FAILED || status == JobStatus.CANCELED) {
      throw new UsageException("the job is " + status + ", see " + cluster);
    }
    console.say("status", status.toString());
  }

  private JobClient start(StreamExecutionEnvironment env) throws Exception {
    try {
      return env.executeAsync(job.name());
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
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
