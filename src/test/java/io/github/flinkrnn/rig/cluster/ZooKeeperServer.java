package io.github.flinkrnn.rig.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A ZooKeeper server, in which the JobManager keeps what its successor needs. */
final class ZooKeeperServer {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int port;

  private ZooKeeperServer(int port) {
    this.port = port;
  }

  /**
   * Starts the server and waits until it listens.
   *
   * @param directory a new directory
   */
  static ZooKeeperServer start(ServerJvms jvms, Path directory)
      throws IOException, InterruptedException {
    int port = Loopback.freePorts(1)[0];
    Path config = Files.createDirectories(directory).resolve("zoo.cfg");
    ServerFiles.merge(
        "zookeeper/zoo.cfg",
        Map.of(
            "clientPort", String.valueOf(port),
            "clientPortAddress", Loopback.HOST,
            "dataDir", directory.resolve("data").toString()),
        config);
    ServerJvm jvm =
        jvms.start(
            "zookeeper",
            Jdks.current(),
            List.of(
                "-Xmx128m",
                "-cp",
                ServerFiles.jars("zookeeper"),
                "org.apache.zookeeper.server.ZooKeeperServerMain",
                config.toString()));
    jvm.await("listening", PATIENCE, () -> Loopback.listens(port));
    return new ZooKeeperServer(port);
  }

  /** Host and port. */
  String address() {
    return Loopback.HOST + ":" + port;
  }
}
