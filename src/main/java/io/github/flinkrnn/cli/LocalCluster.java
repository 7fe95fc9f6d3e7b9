package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.operator.JobCounts;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.dispatcher.SessionDispatcherFactory;
import org.apache.flink.runtime.dispatcher.runner.DefaultDispatcherRunnerFactory;
import org.apache.flink.runtime.entrypoint.component.DefaultDispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.entrypoint.component.DispatcherResourceManagerComponentFactory;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process for one job, only on the loopback interface. */
final class LocalCluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  private final JobGraph graph;
  private final MiniCluster cluster;

  /**
   * Builds the job without starting it.
   *
   * @param checkpoints their directory; the cluster's other files are in its parent
   */
  LocalCluster(JobFile job, java.nio.file.Path checkpoints, LocalRest rest) {
    StreamExecutionEnvironment env =
        RnnJob.environment(
            job, options -> environment(options, Locations.absolute(checkpoints.toString())));
    RnnJob.buildLocal(env, job);
    graph = env.getStreamGraph().getJobGraph();
    Configuration configuration = new Configuration();
    configuration.addAll((Configuration) env.getConfiguration());
    configuration.addAll(restOptions(checkpoints.resolveSibling("web")));
    cluster =
        new Cluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(graph.getMaximumParallelism())
                .build(),
            rest);
  }

  /** A cluster with our REST endpoint. */
  @SuppressWarnings("try") // close() may be interrupted, as the interface declares
  private static final class Cluster extends MiniCluster {
    private final LocalRest rest;

    Cluster(MiniClusterConfiguration configuration, LocalRest rest) {
      super(configuration);
      this.rest = rest;
    }

    @Override
    protected DispatcherResourceManagerComponentFactory
        createDispatcherResourceManagerComponentFactory() {
      return new DefaultDispatcherResourceManagerComponentFactory(
          DefaultDispatcherRunnerFactory.createSessionRunner(SessionDispatcherFactory.INSTANCE),
          StandaloneResourceManagerFactory.getInstance(),
          rest);
    }
  }

  /** REST options, which override those of the job. */
  private static Configuration restOptions(java.nio.file.Path directory) {
    Configuration options = new Configuration();
    options.setString("rest.address", LOOPBACK);
    options.setString("rest.bind-address", LOOPBACK);
    options.setString("security.ssl.rest.enabled", "false");
    // Enough for Flink's own pages. Buttons without effect are hidden.
    options.setString("rest.server.max-content-length", String.valueOf(1 << 20));
    options.setString("web.submit.enable", "false");
    options.setString("web.cancel.enable", "false");
    options.setString("web.rescale.enable", "false");
    options.setString("web.access-control-allow-origin", "http://" + LOOPBACK);
    // Not in a directory that all users share.
    options.setString("web.tmpdir", directory.toString());
    options.setString("web.upload.dir", directory.toString());
    return options;
  }

  /** Flink's options: those of the job override ours. */
  private static StreamExecutionEnvironment environment(Configuration job, String checkpoints) {
    Configuration options = new Configuration();
    options.setString("rest.bind-port", "0");
    options.setString("jobmanager.bind-host", LOOPBACK);
    options.setString("taskmanager.bind-host", LOOPBACK);
    options.setString("taskmanager.host", LOOPBACK);
    options.setString("parallelism.default", "1");
    options.setString("execution.checkpointing.dir", checkpoints);
    options.setString("io.tmp.dirs", new Path(checkpoints).getParent().getPath());
    // A retry would fail again.
    options.setString("restart-strategy.type", "none");
    options.addAll(job);
    return StreamExecutionEnvironment.getExecutionEnvironment(options);
  }

  /** Starts the cluster and the job. The future completes with the job, or fails with it. */
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

  /** The address of the Web UI, once it is started. */
  URI address() throws ExecutionException, InterruptedException {
    return cluster.getRestAddress().get();
  }

  @Override
  public void close() {
    cluster.closeAsync().join();
  }
}
