package io.github.flinkrnn.local;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.RnnJob;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process, on the loopback interface alone, for one job. */
final class LocalCluster {
  private final Configuration ours = new Configuration();
  private final int port;
  private final boolean ui;

  /**
   * @param checkpoints a directory for them
   * @param ui whether to serve the Web UI
   */
  LocalCluster(Path checkpoints, boolean ui) throws IOException {
    this.ui = ui;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    for (String host :
        new String[] {
          "rest.bind-address",
          "rest.address",
          "jobmanager.bind-host",
          "taskmanager.bind-host",
          "taskmanager.host"
        }) {
      ours.setString(host, "127.0.0.1");
    }
    ours.setString("rest.port", String.valueOf(port));
    ours.setString("rest.bind-port", String.valueOf(port));
    ours.setString("parallelism.default", "1");
    ours.setString("execution.checkpointing.dir", checkpoints.toUri().toString());
    // Nobody is there to mend what a retry would meet again.
    ours.setString("restart-strategy.type", "none");
  }

  /** Where the Web UI is. */
  String address() {
    return "http://127.0.0.1:" + port;
  }

  JobClient start(JobFile job) throws Exception {
    StreamExecutionEnvironment env = RnnJob.environment(job, this::environment);
    RnnJob.build(env, job);
    return env.executeAsync(job.name());
  }

  /** What the job says of Flink stands before what we say. */
  private StreamExecutionEnvironment environment(Configuration job) {
    Configuration both = new Configuration(ours);
    both.addAll(job);
    return ui
        ? StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(both)
        : StreamExecutionEnvironment.createLocalEnvironment(both);
  }
}
