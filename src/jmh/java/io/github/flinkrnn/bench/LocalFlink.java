package io.github.flinkrnn.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process, and the jobs that are measured on it. */
final class LocalFlink implements AutoCloseable {
  private final Configuration options;
  private final MiniCluster cluster;

  /** The size of a checkpoint, and its duration from the trigger to the end. */
  record Checkpoint(long bytes, long millis) {
    static final Checkpoint NONE = new Checkpoint(0, 0);
  }

  /**
   * @param backend hashmap or rocksdb
   * @param directory for checkpoints and RocksDB's files
   */
  LocalFlink(String backend, int slots, Path directory) throws Exception {
    options = new Configuration();
    options.set(StateBackendOptions.STATE_BACKEND, backend);
    options.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory.resolve("checkpoints").toUri().toString());
    options.setString("io.tmp.dirs", directory.toString());
    options.setString("rest.address", "127.0.0.1");
    options.setString("rest.bind-address", "127.0.0.1");
    options.setString("rest.bind-port", "0");
    options.setString("jobmanager.bind-host", "127.0.0.1");
    options.setString("taskmanager.bind-host", "127.0.0.1");
    options.setString("taskmanager.host", "127.0.0.1");
    options.setString("taskmanager.memory.managed.size", "512m");
    options.setString("parallelism.default", String.valueOf(slots));
    options.setString("pipeline.object-reuse", "true");
    options.setString("pipeline.generic-types", "false");
    options.setString("pipeline.auto-generate-uids", "false");
    options.setString("restart-strategy.type", "none");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(options)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
    cluster.start();
  }

  /**
   * An environment that takes checkpoints only on request, unless {@code more} sets an interval.
   */
  StreamExecutionEnvironment environment(Configuration more) {
    Configuration all = new Configuration(options);
    all.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
    all.addAll(more);
    return StreamExecutionEnvironment.getExecutionEnvironment(all);
  }

  JobID start(StreamExecutionEnvironment env) throws ExecutionException, InterruptedException {
    return cluster.submitJob(env.getStreamGraph().getJobGraph()).get().getJobID();
  }

  /** Completes when the job ends, however it ends. */
  CompletableFuture<JobResult> result(JobID job) {
    return cluster.requestJobResult(job);
  }

  /** Takes a checkpoint while the job runs. */
  Checkpoint checkpoint(JobID job) throws ExecutionException, InterruptedException {
    cluster.triggerCheckpoint(job).get();
    return latestCheckpoint(job);
  }

  /** The last checkpoint of a running job. */
  Checkpoint latestCheckpoint(JobID job) throws ExecutionException, InterruptedException {
    CheckpointStatsSnapshot snapshot =
        cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
    CompletedCheckpointStats latest = snapshot.getHistory().getLatestCompletedCheckpoint();
    return latest == null
        ? Checkpoint.NONE
        : new Checkpoint(latest.getStateSize(), latest.getEndToEndDuration());
  }

  /** Cancels a job, and waits until it has ended. */
  void cancel(JobID job) throws ExecutionException, InterruptedException {
    cluster.cancelJob(job).get();
    result(job).get();
  }

  @Override
  public void close() {
    cluster.closeAsync().join();
  }
}
