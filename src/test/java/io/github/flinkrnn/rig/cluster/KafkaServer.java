package io.github.flinkrnn.rig.cluster;

import io.github.flinkrnn.cli.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/** A Kafka broker that is also its controller, in a separate JVM. */
public final class KafkaServer {
  /** A version of the broker. */
  public enum Version {
    /** That of docker-compose.yml and of the job's client. */
    BEFORE("kafka-before"),
    /** A newer one. */
    CURRENT("kafka");

    private final String jars;

    Version(String jars) {
      this.jars = jars;
    }
  }

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ServerJvms jvms;
  private final Path config;
  private final Path log;
  private final int port;
  private Version version;
  private ServerJvm jvm;

  private KafkaServer(ServerJvms jvms, Path config, Path log, int port, Version version) {
    this.jvms = jvms;
    this.config = config;
    this.log = log;
    this.port = port;
    this.version = version;
  }

  /**
   * Starts a broker with an empty log, and waits until it answers.
   *
   * @param directory a new directory
   */
  static KafkaServer start(ServerJvms jvms, Path directory, Version version)
      throws IOException, InterruptedException {
    int[] ports = Loopback.freePorts(2);
    String broker = Loopback.HOST + ":" + ports[0];
    String controller = Loopback.HOST + ":" + ports[1];
    Path config = Files.createDirectories(directory).resolve("server.properties");
    Path log = directory.resolve("log");
    ServerFiles.merge(
        "kafka/server.properties",
        Map.of(
            "listeners",
            "BROKER://" + broker + ",CONTROLLER://" + controller,
            "advertised.listeners",
            "BROKER://" + broker,
            "listener.security.protocol.map",
            "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name",
            "BROKER",
            "controller.listener.names",
            "CONTROLLER",
            "controller.quorum.voters",
            "1@" + controller,
            "log.dirs",
            log.toString(),
            // How often the broker looks for transactions that have timed out.
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            "1000"),
        config);
    KafkaServer server = new KafkaServer(jvms, config, log, ports[0], version);
    ServerJvm format =
        server.jvm(
            "kafka.tools.StorageTool",
            "format",
            "-t",
            Uuid.randomUuid().toString(),
            "-c",
            config.toString());
    format.awaitEnd(PATIENCE);
    server.start();
    return server;
  }

  private ServerJvm jvm(String main, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("-Xmx512m", "-cp", ServerFiles.jars(version.jars)));
    command.add(main);
    command.addAll(List.of(words));
    return jvms.start("kafka", Jdks.current(), command);
  }

  /** Starts the broker with its existing log, and waits until it answers. */
  public void start() throws IOException, InterruptedException {
    jvm = jvm("kafka.Kafka", config.toString());
    jvm.await("listening", PATIENCE, () -> Loopback.listens(port));
    awaitAnswer();
  }

  /** The same with this version. */
  public void start(Version other) throws IOException, InterruptedException {
    version = other;
    start();
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
      admin.describeCluster().nodes().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the broker at " + address() + " does not answer", e);
    }
  }

  /** The version that is running. */
  public Version version() {
    return version;
  }

  /** The directory with a directory for each partition. */
  public Path log() {
    return log;
  }

  /** Stops the broker (SIGTERM), and waits until it has ended. */
  public void stop() throws IOException, InterruptedException {
    jvm.stop(PATIENCE);
  }

  /** Kills the broker (SIGKILL). */
  public void kill() {
    jvm.kill();
  }

  /** Creates topics, each with this many partitions. */
  public void createTopics(int partitions, String... names)
      throws IOException, InterruptedException {
    List<NewTopic> topics = new ArrayList<>();
    for (String name : names) {
      topics.add(new NewTopic(name, partitions, (short) 1));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
      admin.createTopics(topics).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      EmbeddedKafka.awaitLeaders(admin, partitions, names);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot make topics at " + address(), e);
    }
  }

  /** Deletes a topic. Returns when no client can see it. */
  public void deleteTopic(String name) throws IOException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
      admin.deleteTopics(List.of(name)).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      while (admin
          .listTopics()
          .names()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .contains(name)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot delete topic " + name + " at " + address(), e);
    }
  }

  /** Host and port, for {@code bootstrap.servers}. */
  public String address() {
    return Loopback.HOST + ":" + port;
  }
}
