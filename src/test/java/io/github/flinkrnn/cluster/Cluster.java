package io.github.flinkrnn.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** ZooKeeper, a broker, a JobManager and two TaskManagers, on the loopback interface alone. */
public final class Cluster implements AutoCloseable {
  private static final int TASK_MANAGERS = 2;

  private final ServerJvms jvms;
  private final KafkaServer kafka;
  private final FlinkCluster flink;

  private Cluster(ServerJvms jvms, KafkaServer kafka, FlinkCluster flink) {
    this.jvms = jvms;
    this.kafka = kafka;
    this.flink = flink;
  }

  /**
   * Starts all of it, and waits until all of it answers.
   *
   * @param directory an existing one, for logs, topics and savepoints
   * @param checkpoints where Flink's checkpoints go: the disk that may fill up
   */
  public static Cluster start(Path directory, Path checkpoints)
      throws IOException, InterruptedException {
    ServerJvms jvms = new ServerJvms(Files.createDirectories(directory.resolve("logs")));
    try {
      ZooKeeperServer zooKeeper = ZooKeeperServer.start(jvms, directory.resolve("zookeeper"));
      KafkaServer kafka = KafkaServer.start(jvms, directory.resolve("kafka"));
      FlinkOptions options =
          new FlinkOptions(
              directory.resolve("flink"),
              Files.createDirectories(checkpoints),
              Files.createDirectories(directory.resolve("savepoints")),
              zooKeeper.address());
      FlinkCluster flink = new FlinkCluster(jvms, options);
      flink.start(TASK_MANAGERS);
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

  /** Where the processes' logs are. */
  public Path logs() {
    return jvms.logs();
  }

  /** Kills every process. */
  @Override
  public void close() {
    jvms.close();
  }
}
