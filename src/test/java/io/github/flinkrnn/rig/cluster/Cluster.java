package io.github.flinkrnn.rig.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** ZooKeeper, a broker, a JobManager and TaskManagers, only on the loopback interface. */
public final class Cluster implements AutoCloseable {
  private final ServerJvms jvms;
  private final KafkaServer kafka;
  private final FlinkCluster flink;

  private Cluster(ServerJvms jvms, KafkaServer kafka, FlinkCluster flink) {
    this.jvms = jvms;
    this.kafka = kafka;
    this.flink = flink;
  }

  /**
   * Starts all processes, and waits until each answers.
   *
   * @param directory an existing directory for logs, topics and savepoints
   * @param checkpoints the directory of Flink's checkpoints, on the disk that may fill up
   */
  public static Cluster start(Path directory, Path checkpoints)
      throws IOException, InterruptedException {
    return start(directory, checkpoints, ClusterSize.SMALL);
  }

  /** The same, with TaskManagers of another number or size. */
  public static Cluster start(Path directory, Path checkpoints, ClusterSize size)
      throws IOException, InterruptedException {
    return start(directory, checkpoints, size, KafkaServer.Version.CURRENT);
  }

  /** The same, with a broker of another version. */
  public static Cluster start(
      Path directory, Path checkpoints, ClusterSize size, KafkaServer.Version broker)
      throws IOException, InterruptedException {
    ServerJvms jvms = new ServerJvms(Files.createDirectories(directory.resolve("logs")));
    try {
      ZooKeeperServer zooKeeper = ZooKeeperServer.start(jvms, directory.resolve("zookeeper"));
      KafkaServer kafka = KafkaServer.start(jvms, directory.resolve("kafka"), broker);
      FlinkOptions options =
          new FlinkOptions(
              directory.resolve("flink"),
              Files.createDirectories(checkpoints),
              Files.createDirectories(directory.resolve("savepoints")),
              zooKeeper.address(),
              size);
      FlinkCluster flink = new FlinkCluster(jvms, options);
      flink.start(size.taskManagers());
      return new Cluster(jvms, kafka, flink);
    } catch (IOException | InterruptedException | RuntimeException e) {
      jvms.close();
      throw e;
    }
  }

  public KafkaServer kafka() {
    return kafka;
  }

  public FlinkCluster flink() {
    return flink;
  }

  /** The directory of the processes' logs. */
  public Path logs() {
    return jvms.logs();
  }

  /** Kills every process. */
  @Override
  public void close() {
    jvms.close();
  }
}
