package io.github.flinkrnn.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Time;

/** A real Kafka broker and controller in this process, only on the loopback interface. */
@Internal
public final class EmbeddedKafka implements AutoCloseable {
  private static final Duration LEADERS_WITHIN = Duration.ofSeconds(30);

  private final Path directory;
  private final String address;
  private final KafkaRaftServer server;

  private EmbeddedKafka(Path directory, String address, KafkaRaftServer server) {
    this.directory = directory;
    this.address = address;
    this.server = server;
  }

  /**
   * Starts a broker with an empty log.
   *
   * @param directory an existing directory that only this broker uses
   */
  public static EmbeddedKafka start(Path directory) throws IOException {
    int[] ports = freePorts();
    String address = "127.0.0.1:" + ports[0];
    Properties properties = properties(directory, address, "127.0.0.1:" + ports[1]);
    format(directory, properties);
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
    server.startup();
    return new EmbeddedKafka(directory, address, server);
  }

  private static Properties properties(Path directory, String broker, String controller) {
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@" + controller);
    properties.put("listeners", "BROKER://" + broker + ",CONTROLLER://" + controller);
    properties.put("advertised.listeners", "BROKER://" + broker);
    properties.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "BROKER");
    properties.put("log.dirs", directory.resolve("log").toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "1");
    // A run that was interrupted soon blocks no reader.
    properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // Records keep the times of their tokens, which may be years old.
    properties.put("log.retention.ms", "-1");
    properties.put("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20));
    return properties;
  }

  /** Both sockets are open at the same time, so that the ports differ. */
  private static int[] freePorts() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket first = new ServerSocket(0, 1, loopback);
        ServerSocket second = new ServerSocket(0, 1, loopback)) {
      return new int[] {first.getLocalPort(), second.getLocalPort()};
    }
  }

  /** Does the same as {@code kafka-storage format}. */
  private static void format(Path directory, Properties properties) throws IOException {
    Path file = directory.resolve("server.properties");
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String[] command = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    int status = StorageTool.execute(command, new PrintStream(said, true, StandardCharsets.UTF_8));
    if (status != 0) {
      throw new IOException(
          "kafka-storage format failed: " + said.toString(StandardCharsets.UTF_8));
    }
  }

  /** Host and port, for {@code bootstrap.servers}. */
  public String address() {
    return address;
  }

  /** Creates topics, each with this number of partitions. */
  public void createTopics(int partitions, String... names)
      throws ExecutionException, InterruptedException {
    List<NewTopic> topics = new ArrayList<>();
    for (String name : names) {
      topics.add(new NewTopic(name, partitions, (short) 1));
    }
    Properties properties = new Properties();
    properties.put("bootstrap.servers", address);
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(topics).all().get();
      awaitLeaders(admin, partitions, names);
    }
  }

  /**
   * Waits until the broker leads all partitions of new topics. A producer that begins earlier may
   * have its first batch rejected after later ones were accepted, and then retries it in vain.
   */
  public static void awaitLeaders(Admin admin, int partitions, String... names)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (String name : names) {
      for (int partition = 0; partition < partitions; partition++) {
        ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
      }
    }
    long deadline = System.nanoTime() + LEADERS_WITHIN.toNanos();
    while (true) {
      try {
        admin.listOffsets(ends).all().get(); // only a leader answers, and the client tries again
        return;
      } catch (ExecutionException e) {
        // The client does not try again while the broker itself has not heard of the topic.
        boolean isNew = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!isNew || System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  /** Stops the broker. Its directory is left to the caller. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  @Override
  public String toString() {
    return "Kafka at " + address + " in " + directory;
  }
}
