package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The REST interface of a Flink cluster, as far as the launcher uses it. */
final class RunningCluster {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Set<String> ENDED = Set.of("FINISHED", "CANCELED", "FAILED");

  private final String option;
  private final URI uri;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  /**
   * @param option with the URL, for errors
   * @throws UsageException if the URL is invalid
   */
  RunningCluster(String option, String url) {
    this.option = option;
    this.uri = uri(option, url);
  }

  private static URI uri(String option, String url) {
    String expected =
        option + " " + url + ": expected the URL of a cluster, like http://localhost:8081";
    try {
      URI uri = new URI(url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new UsageException(expected);
    }
    throw new UsageException(expected);
  }

  URI uri() {
    return uri;
  }

  /** The beginning of an error: the option and its value. */
  String named() {
    return option + " " + uri;
  }

  /**
   * Expects the cluster to answer.
   *
   * @throws UsageException if it does not
   */
  void expect() throws InterruptedException {
    try {
      get("/overview");
    } catch (IOException e) {
      throw new UsageException(named() + ": no Flink cluster answered");
    }
  }

  /** The ids of the jobs with this name that have not ended. */
  List<String> jobs(String name) throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      boolean ended = ENDED.contains(job.path("state").asString(""));
      if (!ended && name.equals(job.path("name").asString(""))) {
        ids.add(job.path("jid").asString(""));
      }
    }
    return ids;
  }

  /** The response to a GET request, even if it is an error. */
  JsonNode get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri.resolve(path)));
  }

  /**
   * The response to a POST request, even if it is an error.
   *
   * @param json the body
   */
  JsonNode post(String path, String json) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofByteArray());
    return ConfigJson.parse(uri.toString(), "", response.body());
  }
}
