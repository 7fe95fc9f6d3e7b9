package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The REST interface of a Flink cluster, as far as the launcher uses it. Every failure is one line
 * that says what the server is instead.
 */
final class RunningCluster {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** The job jar has tens of megabytes. */
  private static final Duration UPLOAD = Duration.ofMinutes(5);

  /** The variable in which Flink's own client finds further headers, each on a line. */
  private static final String HEADERS = "FLINK_REST_CLIENT_HEADERS";

  private static final Set<String> ENDED = Set.of("FINISHED", "CANCELED", "FAILED");

  private final String option;
  private final ClusterUrl url;
  private final Map<String, String> headers;
  private final HttpClient http;

  private RunningCluster(
      String option, String url, Optional<SSLContext> tls, Map<String, String> headers) {
    this.option = option;
    this.url = ClusterUrl.of(option, url);
    this.headers = new LinkedHashMap<>(headers);
    this.url.login().ifPresent(login -> this.headers.put("Authorization", login));
    // Without HTTP/2, whose upgrade confuses some proxies. Redirects are not followed.
    HttpClient.Builder client =
        HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1);
    tls.ifPresent(client::sslContext);
    try {
      http = client.build();
    } catch (UncheckedIOException e) {
      throw new UsageException("javax.net.ssl: the options of Java for TLS are invalid: " + e);
    }
  }

  /**
   * @param option with the URL, for errors
   * @throws UsageException if the URL is invalid
   */
  RunningCluster(String option, String url) {
    this(option, url, Optional.empty(), Map.of());
  }

  /**
   * A cluster with the certificates and headers of its user.
   *
   * @param job whose Flink options name the certificates
   * @throws UsageException if the URL is invalid
   */
  static RunningCluster of(String option, String url, JobFile job, EnvironmentValues environment) {
    return new RunningCluster(
        option, url, ClusterTls.context(job), headers(environment.apply(HEADERS)));
  }

  private static Map<String, String> headers(String lines) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line : lines == null ? List.<String>of() : lines.lines().toList()) {
      int colon = line.indexOf(':');
      if (line.isBlank()) {
        continue;
      }
      if (colon < 1) {
        throw new UsageException(HEADERS + ": expected lines of the form NAME:VALUE");
      }
      String name = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      try {
        HttpRequest.newBuilder().header(name, value);
      } catch (IllegalArgumentException e) {
        throw new UsageException(HEADERS + ": the header " + name + " is not possible");
      }
      headers.put(name, value);
    }
    return headers;
  }

  /** The URL without user and password. */
  URI uri() {
    return url.root();
  }

  /** The beginning of an error: the option and its value. */
  String named() {
    return option + " " + uri();
  }

  /**
   * Expects a Flink cluster to answer.
   *
   * @throws UsageException if it does not
   */
  void expect() throws InterruptedException {
    URI asked = url.of("/overview");
    try {
      HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(asked), PATIENCE);
      if (answer.statusCode() != 200
          || !json(answer).map(o -> o.has("flink-version")).orElse(false)) {
        throw new UsageException(named() + ": " + HttpProblem.of(asked, answer));
      }
    } catch (IOException e) {
      throw new UsageException(named() + ": " + HttpProblem.of(asked, e, PATIENCE));
    }
  }

  /** The ids of the jobs with this name that have not ended. */
  List<String> jobs(String name) throws FailedJobException, InterruptedException {
    List<String> ids = new ArrayList<>();
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      boolean ended = ENDED.contains(job.path("state").asString(""));
      if (!ended && name.equals(job.path("name").asString(""))) {
        ids.add(job.path("jid").asString(""));
      }
    }
    return ids;
  }

  /** The cluster's {@code parallelism.default}, if it says it. */
  OptionalInt parallelism() throws FailedJobException, InterruptedException {
    for (JsonNode entry : get("/jobmanager/config")) {
      String value = entry.path("value").asString("");
      if (entry.path("key").asString("").equals("parallelism.default")
          && value.matches("[1-9]\\d{0,4}")) {
        return OptionalInt.of(Integer.parseInt(value));
      }
    }
    return OptionalInt.empty();
  }

  /** The response to a GET request, even if it is an error of Flink. */
  JsonNode get(String path) throws FailedJobException, InterruptedException {
    return answer(path, HttpRequest.newBuilder(url.of(path)), PATIENCE);
  }

  /**
   * The response to a POST request, even if it is an error of Flink.
   *
   * @param json the body
   */
  JsonNode post(String path, String json) throws FailedJobException, InterruptedException {
    return answer(
        path,
        HttpRequest.newBuilder(url.of(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)),
        PATIENCE);
  }

  /** The response to a PATCH request without a body, even if it is an error of Flink. */
  JsonNode patch(String path) throws FailedJobException, InterruptedException {
    return answer(
        path,
        HttpRequest.newBuilder(url.of(path)).method("PATCH", BodyPublishers.noBody()),
        PATIENCE);
  }

  /**
   * Submits a job, as Flink's own client does, whose trust store and headers cannot be set here.
   *
   * @param plan the serialized graph of the job
   * @param jar the jar with its classes
   * @return the response, even if it is an error of Flink
   */
  JsonNode submit(byte[] plan, Path jar)
      throws IOException, FailedJobException, InterruptedException {
    String jarName = jar.getFileName().toString();
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("executionPlanFileName", "plan.bin");
    request.putArray("jobJarFileNames").add(jarName);
    request.putArray("jobArtifactFileNames");
    String boundary = UUID.randomUUID().toString();
    String part = "--" + boundary + "\r\nContent-Disposition: form-data; ";
    BodyPublisher body =
        BodyPublishers.concat(
            text(part + "name=\"request\"\r\n\r\n" + request + "\r\n"),
            text(part + file("file_0", "plan.bin", "application/octet-stream")),
            BodyPublishers.ofByteArray(plan),
            text("\r\n" + part + file("file_1", jarName, "application/java-archive")),
            BodyPublishers.ofFile(jar),
            text("\r\n--" + boundary + "--\r\n"));
    return answer(
        "/jobs",
        HttpRequest.newBuilder(url.of("/jobs"))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(body),
        UPLOAD);
  }

  private static BodyPublisher text(String text) {
    return BodyPublishers.ofString(text, UTF_8);
  }

  private static String file(String field, String name, String type) {
    return ("name=\"" + field + "\"; filename=\"" + name + "\"\r\n")
        + ("Content-Type: " + type + "\r\nContent-Transfer-Encoding: binary\r\n\r\n");
  }

  /** The messages of an error of Flink, one after the other; empty if the response is none. */
  static String errors(JsonNode answer) {
    List<String> errors = new ArrayList<>();
    answer.path("errors").forEach(error -> errors.add(error.asString("")));
    return String.join("\n", errors);
  }

  private JsonNode answer(String path, HttpRequest.Builder request, Duration patience)
      throws FailedJobException, InterruptedException {
    URI asked = url.of(path);
    try {
      HttpResponse<byte[]> answer = send(request, patience);
      Optional<JsonNode> json = json(answer);
      boolean isFlinks = answer.statusCode() < 300 || json.map(e -> e.has("errors")).orElse(false);
      if (json.isEmpty() || !isFlinks) {
        throw new FailedJobException(named() + ": " + HttpProblem.of(asked, answer));
      }
      return json.get();
    } catch (IOException e) {
      throw new FailedJobException(named() + ": " + HttpProblem.of(asked, e, patience));
    }
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request, Duration patience)
      throws IOException, InterruptedException {
    headers.forEach(request::setHeader);
    return http.send(request.timeout(patience).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static Optional<JsonNode> json(HttpResponse<byte[]> answer) {
    try {
      return Optional.of(ConfigJson.parse("", "", answer.body()));
    } catch (InvalidFileException e) {
      return Optional.empty();
    }
  }
}
