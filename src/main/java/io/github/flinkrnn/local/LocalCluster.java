package io.github.flinkrnn.local;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.operator.JobCounts;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process, on the loopback interface alone, for one job. */
final class LocalCluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  private final JobGraph graph;
  private final MiniCluster cluster;

  /**
   * Builds the job; nothing runs yet.
   *
   * @param checkpoints a directory for them
   */
  LocalCluster(JobFile job, java.nio.file.Path checkpoints) {
    StreamExecutionEnvironment env =
        RnnJob.environment(
            job, options -> environment(options, Locations.absolute(checkpoints.toString())));
    RnnJob.build(env, job);
    graph = env.getStreamGraph().getJobGraph();
    Configuration configuration = new Configuration();
    configuration.addAll((Configuration) env.getConfiguration());
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(graph.getMaximumParallelism())
                .build());
  }

  /** Flink's options: what the job says stands before what we say. */
  private static StreamExecutionEnvironment environment(Configuration job, String checkpoints) {
    Configuration options = new Configuration();
    options.setString("rest.address", LOOPBACK);
    options.setString("rest.bind-address", LOOPBACK);
    options.setString("rest.bind-port", "0");
    options.setString("jobmanager.bind-host", LOOPBACK);
    options.setString("taskmanager.bind-host", LOOPBACK);
    options.setString("taskmanager.host", LOOPBACK);
    options.setString("parallelism.default", "1");
    options.setString("execution.checkpointing.dir", checkpoints);
    options.setString("io.tmp.dirs", new Path(checkpoints).getParent().getPath());
    // Nobody is there to mend what a retry would meet again.
    options.setString("restart-strategy.type", "none");
    options.addAll(job);
    return StreamExecutionEnvironment.getExecutionEnvironment(options);
  }

  /** Starts the cluster and the job; the future ends with the job, and fails as it fails. */
  CompletableFuture<JobCounts> start() throws Exception {
    cluster.start();
    cluster.submitJob(graph).get();
    return cluster.requestJobResult(graph.getJobID()).thenApply(LocalCluster::counts);
  }

  private static JobCounts counts(JobResult result) {
    try {
      return JobCounts.of(
          result
              .toJobExecutionResult(LocalCluster.class.getClassLoader())
              .getAllAccumulatorResults());
    } catch (Exception e) {
      throw new IllegalStateException("the job failed", e);
    }
  }

  /** Where the Web UI is, once it is started. */
  URI address() throws ExecutionException, InterruptedException {
    return cluster.getRestAddress().get();
  }

  @Override
  public void close() {
    cluster.closeAsync().join();
  }
}
