package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * A broker that its clients reach only over TLS, and to which they authenticate with SASL/SCRAM.
 */
final class SecuredKafka implements AutoCloseable {
  static final String USER = "tagger";

  private static final String STORE_PASSWORD = "of-the-broker";

  private final Path directory;
  private final int[] ports;
  private final KafkaRaftServer server;

  /**
   * Starts the broker.
   *
   * @param directory an existing directory that only the broker uses
   * @param password the password of the only user
   */
  SecuredKafka(Path directory, String password) throws IOException, InterruptedException {
    this.directory = directory;
    makeCertificate(); // before the ports are chosen, because another process may take a free one
    this.ports = freePorts();
    Properties properties = properties();
    format(properties, password);
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
    server.startup();
  }

  private static int[] freePorts() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    int[] ports = new int[3];
    for (int i = 0; i < ports.length; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      ports[i] = sockets.get(i).getLocalPort();
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  private void makeCertificate() throws IOException, InterruptedException {
    keytool(
        "-genkeypair -alias broker -keyalg RSA -keysize 2048 -validity 2 -dname CN=broker"
            + " -ext san=ip:127.0.0.1");
    keytool("-exportcert -rfc -alias broker -file " + certificate());
  }

  private void keytool(String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
    command.addAll(List.of("-keystore", directory.resolve("broker.p12").toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + said);
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + ports[2]);
    properties.put(
        "listeners",
        "CLIENT://127.0.0.1:%d,INSIDE://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(ports[0], ports[1], ports[2]));
    properties.put(
        "listener.security.protocol.map", "CLIENT:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "INSIDE");
    properties.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    properties.put(
        "listener.name.client.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    properties.put("ssl.keystore.type", "PKCS12");
    properties.put("ssl.keystore.location", directory.resolve("broker.p12").toString());
    properties.put("ssl.keystore.password", STORE_PASSWORD);
    properties.put("log.dirs", directory.resolve("log").toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20));
    return properties;
  }

  private void format(Properties properties, String password) throws IOException {
    Path file = directory.resolve("server.properties");
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    String user = "SCRAM-SHA-512=[name=" + USER + ",password=" + password + "]";
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String[] command = {
      "format", "-t", Uuid.randomUuid().toString(), "-c", file.toString(), "--add-scram", user
    };
    if (StorageTool.execute(command, new PrintStream(said, true, UTF_8)) != 0) {
      throw new IOException("Kafka's storage: " + said.toString(UTF_8));
    }
  }

  /** The certificate that clients trust, in PEM format. */
  Path certificate() {
    return directory.resolve("broker.pem");
  }

  /** Host and port for clients. */
  String address() {
    return "127.0.0.1:" + ports[0];
  }

  /** Host and port of the listener without authentication, for the test itself. */
  String insideAddress() {
    return "127.0.0.1:" + ports[1];
  }

  /** Creates topics with one partition. */
  void createTopics(String... names) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (String name : names) {
      topics.add(new NewTopic(name, 1, (short) 1));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", insideAddress()))) {
      admin.createTopics(topics).all().get();
      EmbeddedKafka.awaitLeaders(admin, 1, names);
    }
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
