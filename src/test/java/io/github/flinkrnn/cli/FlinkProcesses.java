package io.github.flinkrnn.cli;

import com.sun.net.httpserver.HttpServer;
import io.github.flinkrnn.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Flink cluster of separate JVMs, a JobManager and a TaskManager, with the jars of Flink and none
 * of this project. A class that the job jar lacks is missing here, too.
 */
final class FlinkProcesses implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final String SERVER = "server";
  private static final String CLIENT = "client";
  private static final String SQL = "org.apache.flink.table.";
  private static final String RUNTIME = "org.apache.flink.runtime.";

  private final List<Process> processes = new ArrayList<>();
  private final Path directory;
  private final int restPort;
  private final Certificates certificates; // null without TLS
  private final HttpClient http;

  private FlinkProcesses(Path directory, int restPort, Certificates certificates)
      throws IOException, GeneralSecurityException {
    this.directory = directory;
    this.restPort = restPort;
    this.certificates = certificates;
    HttpClient.Builder client = HttpClient.newBuilder();
    if (certificates != null) {
      client.sslContext(certificates.context(CLIENT, SERVER));
    }
    this.http = client.build();
  }

  /**
   * Starts the cluster and waits until its slots are available. Its REST interface requires TLS and
   * a certificate of the client.
   *
   * @param directory an existing directory for configuration and logs
   */
  static FlinkProcesses start(Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    Certificates certificates = new Certificates(directory);
    certificates.make(SERVER, "-ext san=ip:127.0.0.1");
    certificates.make(CLIENT, "");
    certificates.trust("clients", CLIENT);
    return start(
        directory,
        certificates,
        """
        security.ssl.rest:
          enabled: true
          authentication-enabled: true
          keystore: %2$s
          keystore-password: %1$s
          key-password: %1$s
          truststore: %3$s
          truststore-password: %1$s
        """
            .formatted(
                Certificates.PASSWORD, certificates.store(SERVER), certificates.store("clients")));
  }

  /**
   * The same without TLS.
   *
   * @param more options, as YAML
   */
  static FlinkProcesses startWithoutTls(Path directory, String more)
      throws IOException, InterruptedException, GeneralSecurityException {
    return start(directory, null, more);
  }

  private static FlinkProcesses start(Path directory, Certificates certificates, String more)
      throws IOException, InterruptedException, GeneralSecurityException {
    int[] ports = freePorts();
    Files.writeString(
        directory.resolve("config.yaml"),
        """
        jobmanager: {rpc: {address: 127.0.0.1, port: %1$d}, bind-host: 127.0.0.1}
        rest: {address: 127.0.0.1, bind-address: 127.0.0.1, port: %2$d}
        taskmanager:
          host: 127.0.0.1
          bind-host: 127.0.0.1
          numberOfTaskSlots: 2
          cpu: {cores: 2}
          memory:
            task: {heap: {size: 256m}, off-heap: {size: 0b}}
            network: {min: 64m, max: 64m}
            managed: {size: 64m}
            framework: {heap: {size: 64m}, off-heap: {size: 64m}}
            jvm-metaspace: {size: 256m}
            jvm-overhead: {min: 192m, max: 192m}
        jobmanager.memory.process.size: 1g
        execution.checkpointing.dir: %3$s
        execution.checkpointing.savepoint-dir: %4$s
        parallelism.default: 2
        """
                .formatted(
                    ports[0],
                    ports[1],
                    directory.resolve("checkpoints").toUri(),
                    directory.resolve("savepoints").toUri())
            + more);
    FlinkProcesses cluster = new FlinkProcesses(directory, ports[1], certificates);
    String config = directory.toString();
    cluster.launch(
        "jobmanager",
        flinkJars(),
        RUNTIME + "entrypoint.StandaloneSessionClusterEntrypoint",
        "--configDir",
        config,
        "--executionMode",
        "cluster");
    cluster.launch(
        "taskmanager",
        flinkJars(),
        RUNTIME + "taskexecutor.TaskManagerRunner",
        "--configDir",
        config);
    cluster.awaitSlots();
    return cluster;
  }

  static int[] freePorts() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket first = new ServerSocket(0, 1, loopback);
        ServerSocket second = new ServerSocket(0, 1, loopback)) {
      return new int[] {first.getLocalPort(), second.getLocalPort()};
    }
  }

  private Process launch(String name, String jars, String main, Object... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.flags());
    command.addAll(List.of("-Xmx384m", "--add-opens=java.base/java.util=ALL-UNNAMED"));
    command.add("-Duser.home=" + directory); // where the SQL client writes its history
    command.addAll(List.of("-cp", jars, main));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    File log = directory.resolve(name + ".log").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    builder.environment().put("FLINK_CONF_DIR", directory.toString());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /**
   * Starts Flink's SQL gateway, which the options of the cluster configure, and waits until it
   * answers.
   *
   * @param gateway its address
   */
  void startSqlGateway(String gateway) throws IOException, InterruptedException {
    Process process = launch("gateway", sqlJars(), SQL + "gateway.SqlGateway");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!answer(gateway + "/v1/info").contains("productName")) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new AssertionError("no gateway: " + lastLines("gateway.log"));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  /** The answer at a URL; empty while nothing listens there. */
  private String answer(String url) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * Runs a script with Flink's SQL client, on the gateway.
   *
   * @param gateway its address
   * @return what the client printed
   */
  List<String> runSqlClient(String gateway, Path script) throws IOException, InterruptedException {
    Process client =
        launch(
            "client", sqlJars(), SQL + "client.SqlClient", "gateway", "-e", gateway, "-f", script);
    if (!client.waitFor(PATIENCE_SECONDS * 2, TimeUnit.SECONDS)) {
      throw new AssertionError("the SQL client still runs: " + lastLines("client.log"));
    }
    return Files.readAllLines(directory.resolve("client.log"));
  }

  private static String sqlJars() throws IOException {
    return flinkJars() + File.pathSeparator + Path.of("target/cluster/sql") + "/*";
  }

  /**
   * Without Kafka, which a cluster does not have. With the YAML parser that Flink shares with the
   * job jar.
   */
  private static String flinkJars() throws IOException {
    Stream<Path> parser =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(jar -> jar.getFileName().toString().startsWith("snakeyaml-engine"));
    try (Stream<Path> jars = Files.list(Path.of("target/local"))) {
      return Stream.concat(jars, parser)
          .filter(jar -> !jar.getFileName().toString().startsWith("kafka"))
          .map(Path::toString)
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  private void awaitSlots() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!answer(address() + "/overview").contains("\"slots-available\":2")) {
      if (System.nanoTime() > deadline || processes.stream().anyMatch(p -> !p.isAlive())) {
        throw new AssertionError("no cluster: " + lastLines("jobmanager.log", "taskmanager.log"));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private String lastLines(String... logs) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : logs) {
      List<String> lines = Files.readAllLines(directory.resolve(name));
      int from = Math.max(0, lines.size() - 15);
      text.append(String.join("\n", lines.subList(from, lines.size()))).append('\n');
    }
    return text.toString();
  }

  /** The answer of the REST interface. */
  String get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address() + path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** The URL of the REST interface. */
  String address() {
    return (certificates == null ? "http" : "https") + "://127.0.0.1:" + restPort;
  }

  /** The job file's options for a client of this cluster. */
  String clientOptions(String password) {
    return """
      security.ssl.rest.truststore: %s
      security.ssl.rest.truststore-type: PEM
      security.ssl.rest.keystore: %s
      security.ssl.rest.keystore-password: %s
    """
        .formatted(certificates.pem(SERVER), certificates.store(CLIENT), password);
  }

  /**
   * Plays a proxy that serves this cluster below a path, without TLS, to one user.
   *
   * @param login the only permitted header {@code Authorization}
   */
  HttpServer proxy(String path, String login) throws IOException {
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.createContext(
        path,
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          String below = exchange.getRequestURI().toString().substring(path.length());
          HttpRequest.Builder request =
              HttpRequest.newBuilder(URI.create(address() + below))
                  .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
          String type = exchange.getRequestHeaders().getFirst("Content-Type");
          if (type != null) {
            request.header("Content-Type", type);
          }
          try {
            HttpResponse<byte[]> answer =
                http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            boolean permitted =
                login.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(
                permitted ? answer.statusCode() : 401, answer.body().length);
            exchange.getResponseBody().write(answer.body());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    proxy.start();
    return proxy;
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.destroyForcibly().onExit().join();
    }
  }
}
