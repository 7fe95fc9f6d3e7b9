package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Nearest;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.FallbackKey;

/**
 * The names of Flink's own options, read from the option classes of the Flink on the class path.
 * Flink itself silently accepts any name, even a misspelt one.
 */
final class FlinkOptions {
  /** Shorter group names are not checked for misspellings: too many names are similar. */
  private static final int SHORTEST_GROUP = 6;

  private static final int MISTYPED = 2;

  /** Classes of org.apache.flink.configuration, which every Flink has. */
  private static final List<String> CORE =
      List.of(
          "AlgorithmOptions",
          "BatchExecutionOptions",
          "BlobServerOptions",
          "CheckpointingOptions",
          "CleanupOptions",
          "ClusterOptions",
          "CoreOptions",
          "DeploymentOptions",
          "EventOptions",
          "ExecutionOptions",
          "ExternalResourceOptions",
          "HeartbeatManagerOptions",
          "HighAvailabilityOptions",
          "HistoryServerOptions",
          "JMXServerOptions",
          "JobEventStoreOptions",
          "JobManagerOptions",
          "MetricOptions",
          "NettyShuffleEnvironmentOptions",
          "OptimizerOptions",
          "PipelineOptions",
          "QueryableStateOptions",
          "ResourceManagerOptions",
          "RestOptions",
          "RestartStrategyOptions",
          "RpcOptions",
          "SecurityOptions",
          "SinkOptions",
          "SlowTaskDetectorOptions",
          "StateBackendOptions",
          "StateChangelogOptions",
          "StateLatencyTrackOptions",
          "StateRecoveryOptions",
          "StateSizeTrackOptions",
          "TaskManagerOptions",
          "TraceOptions",
          "WebOptions");

  /** A class of another module, and the prefix of its options, which is free if it is absent. */
  private record Module(String type, String prefix) {}

  private static final List<Module> MODULES =
      List.of(
          new Module("runtime.highavailability.ApplicationResultStoreOptions", "application-"),
          new Module("runtime.highavailability.JobResultStoreOptions", "job-result-store."),
          new Module(
              "runtime.deployment.TaskDeploymentDescriptorFactory", "jobmanager.task-deployment."),
          new Module(
              "runtime.scheduler.adaptivebatch.StreamGraphOptimizationStrategy",
              "execution.batch.adaptive."),
          new Module("runtime.shuffle.ShuffleServiceOptions", "shuffle-service-factory."),
          new Module("connector.base.source.reader.SourceReaderOptions", "source.reader."),
          new Module("client.cli.ClientOptions", "client."),
          new Module("client.cli.ArtifactFetchOptions", "user.artifacts."),
          new Module("client.deployment.application.ApplicationConfiguration", "$internal."),
          new Module("state.rocksdb.RocksDBOptions", "state.backend.rocksdb."),
          new Module("state.rocksdb.RocksDBConfigurableOptions", "state.backend.rocksdb."),
          new Module("state.rocksdb.RocksDBNativeMetricOptions", "state.backend.rocksdb."),
          new Module(
              "state.rocksdb.sstmerge.RocksDBManualCompactionOptions", "state.backend.rocksdb."),
          new Module("changelog.fs.FsStateChangelogOptions", "dstl."));

  /**
   * Prefixes of plug-ins, of other programs that read the same file, and of maps with free names.
   */
  private static final List<String> FREE =
      List.of(
          "$internal.",
          "collect-sink.",
          "containerized.",
          "env.",
          "events.reporter.",
          "external-resource.",
          "flink.hadoop.",
          "fs.",
          "gs.",
          "high-availability.kubernetes.",
          "high-availability.zookeeper.client.authorization.",
          "job.autoscaler.",
          "kubernetes.",
          "metrics.reporter.",
          "oss.",
          "pipeline.cep.", // of flink-cep, which comes with SQL
          "pipeline.global-job-parameters.",
          "pipeline.jobvertex-parallelism-overrides.",
          "python.",
          "s3.",
          "s3a.",
          "security.",
          "sink.",
          "source.",
          "sql-client.",
          "sql-gateway.",
          "state.backend.forst.",
          "table.",
          "taskmanager.memory.managed.consumer-weights.",
          "traces.reporter.",
          "user.",
          "yarn.",
          "zookeeper.");

  private final Set<String> names = new TreeSet<>();
  private final Set<String> groups = new TreeSet<>();
  private final List<String> free = new ArrayList<>(FREE);

  FlinkOptions() {
    for (String type : CORE) {
      read("configuration." + type);
    }
    for (Module module : MODULES) {
      if (!read(module.type())) {
        free.add(module.prefix());
      }
    }
    for (String name : names) {
      if (name.contains(".")) {
        groups.add(group(name));
      }
    }
  }

  /** Adds the options of a class; false if the class is absent. */
  private boolean read(String type) {
    try {
      Class<?> options =
          Class.forName("org.apache.flink." + type, true, FlinkOptions.class.getClassLoader());
      for (Field field : options.getFields()) {
        if (field.getType() == ConfigOption.class) {
          ConfigOption<?> option = (ConfigOption<?>) field.get(null);
          names.add(option.key());
          for (FallbackKey key : option.fallbackKeys()) { // deprecated ones too
            names.add(key.getKey());
          }
        }
      }
      return true;
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }

  private static String group(String name) {
    return name.substring(0, name.indexOf('.'));
  }

  /**
   * A warning for a name that is not an option of Flink, but has one of its groups or is similar to
   * one of its names. With a free prefix, only a name that is nearly one of Flink's is suspect.
   */
  Optional<String> suspicion(String name) {
    if (names.contains(name) || !name.contains(".")) {
      return Optional.empty();
    }
    boolean suspect =
        free.stream().anyMatch(name::startsWith)
            ? Nearest.within(MISTYPED, name, names).isPresent()
            : isOfFlink(name) || isNear(name);
    return suspect
        ? Optional.of("unknown Flink option" + Nearest.hint(name, names))
        : Optional.empty();
  }

  private boolean isOfFlink(String name) {
    return groups.contains(group(name));
  }

  private boolean isNear(String name) {
    String group = group(name);
    boolean nearGroup =
        group.length() >= SHORTEST_GROUP && Nearest.within(MISTYPED, group, groups).isPresent();
    return (nearGroup && Nearest.to(name, names).isPresent())
        || Nearest.within(MISTYPED, name, names).isPresent();
  }
}
