package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prometheus as a process, only on the loopback interface. Its configuration is the deployed one in
 * a hurry: it scrapes and evaluates every second, an alert fires after two, and minutes of a range
 * are seconds.
 */
final class Prometheus implements AutoCloseable {
  private static final String HURRY = "1s";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final JsonMapper JSON = new JsonMapper();

  private final Process process;
  private final int port;
  private final Path log;
  private final HttpClient http = HttpClient.newHttpClient();

  private Prometheus(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /** The path of a command of Prometheus. Where it is not installed, skips the test. */
  static String expect(String command) {
    List<Path> places = new ArrayList<>();
    for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
      places.add(Path.of(directory, command));
    }
    List<Path> found = places.stream().filter(Files::isExecutable).toList();
    assumeThat(found)
        .as("%s is not on the PATH; on Debian: apt-get install prometheus", command)
        .isNotEmpty();
    return found.get(0).toString();
  }

  /**
   * Starts it, and waits until it has evaluated each alert.
   *
   * @param directory a new directory
   * @param targets host and port of the processes, by the name of the deployed scrape job
   */
  static Prometheus start(Path directory, Map<String, List<String>> targets)
      throws IOException, InterruptedException {
    String command = expect("prometheus");
    Files.createDirectories(directory);
    ObjectNode config = (ObjectNode) Yaml.read("src/deploy/prometheus/prometheus.yml");
    ((ObjectNode) config.get("global"))
        .put("scrape_interval", HURRY)
        .put("evaluation_interval", HURRY);
    for (JsonNode job : config.get("scrape_configs")) {
      ObjectNode scraped = (ObjectNode) job;
      scraped.remove("dns_sd_configs");
      List<String> addresses = targets.get(job.get("job_name").asString());
      scraped.set("static_configs", JSON.valueToTree(List.of(Map.of("targets", addresses))));
    }
    JsonNode alerts = Yaml.read("src/deploy/prometheus/alerts.yml");
    for (JsonNode rule : alerts.at("/groups/0/rules")) {
      ObjectNode alert = (ObjectNode) rule;
      if (alert.has("for")) {
        alert.put("for", "2s");
      }
      alert.put("expr", rule.get("expr").asString().replaceAll("(\\[|offset )(\\d+)m", "$1$2s"));
    }
    // JSON is YAML.
    Files.write(directory.resolve("prometheus.yml"), JSON.writeValueAsBytes(config));
    Files.write(directory.resolve("alerts.yml"), JSON.writeValueAsBytes(alerts));
    int port = freePort();
    Path log = directory.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                command,
                "--config.file=" + directory.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Prometheus prometheus = new Prometheus(process, port, log);
    try {
      prometheus.await("rules", prometheus::isEvaluated);
    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
      prometheus.close();
      throw e;
    }
    return prometheus;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A condition of what Prometheus answers. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  void await(String what, Condition condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("no " + what + ": " + Files.readString(log));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private boolean isEvaluated() throws IOException, InterruptedException {
    JsonNode rules = get("/api/v1/rules").at("/data/groups/0/rules");
    for (JsonNode rule : rules) {
      if (!rule.path("health").asString("").equals("ok")) {
        return false;
      }
    }
    return !rules.isEmpty();
  }

  /** The alerts that fire, by their names: the labels of each. */
  Map<String, List<Map<String, String>>> firing() throws IOException, InterruptedException {
    Map<String, List<Map<String, String>>> firing = new TreeMap<>();
    for (JsonNode alert : get("/api/v1/alerts").at("/data/alerts")) {
      if (alert.get("state").asString().equals("firing")) {
        Map<String, String> labels = new TreeMap<>();
        alert
            .get("labels")
            .properties()
            .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
        firing.computeIfAbsent(labels.remove("alertname"), n -> new ArrayList<>()).add(labels);
      }
    }
    return firing;
  }

  /** Waits until an alert fires with these labels among others. */
  void awaitAlert(String name, Map<String, String> labels)
      throws IOException, InterruptedException {
    await(
        name + labels,
        () ->
            firing().getOrDefault(name, List.of()).stream()
                .anyMatch(of -> of.entrySet().containsAll(labels.entrySet())));
  }

  /** The number that a query gives, the first if there are several. */
  double value(String query) throws IOException, InterruptedException {
    String encoded = URLEncoder.encode(query, UTF_8);
    return get("/api/v1/query?query=" + encoded).at("/data/result/0/value/1").asDouble(Double.NaN);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try {
      HttpResponse<byte[]> answer =
          http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
      return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : JSON.createObjectNode();
    } catch (ConnectException e) {
      return JSON.createObjectNode(); // not yet
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
