package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.operator.JobCounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Web UI of a run in this process, with real requests: its own pages can read, and nothing can
 * submit, cancel or change anything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebUiITCase {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int PATIENCE_MILLIS = 60_000;
  private static final String BOUNDARY = "b0undary";

  private Path directory;
  private EmbeddedKafka kafka;
  private LocalCluster cluster;
  private CompletableFuture<JobCounts> end;
  private URI address;
  private String own;
  private String job;

  @BeforeAll
  void startAJobThatDoesNotEnd(@TempDir Path temporary) throws Exception {
    directory = temporary;
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
    kafka.createTopics(1, "tokens", "predictions", "rejected");
    JobFile file =
        JobFileReader.read(
            "jobs/name-tagging/job.yaml",
            // Options in the job file for the REST interface of its cluster do not open this one.
            List.of("flink.web.submit.enable=true", "flink.rest.bind-address=0.0.0.0"),
            name -> name.equals("KAFKA") ? kafka.address() : null);
    Path checkpoints = Files.createDirectories(directory.resolve("run/checkpoints"));
    cluster = new LocalCluster(file, checkpoints, LocalRest.WEB_UI);
    end = cluster.start();
    address = cluster.address();
    own = "127.0.0.1:" + address.getPort();
    awaitRunning();
  }

  @AfterAll
  void stop() {
    cluster.close();
    kafka.close();
  }

  private void awaitRunning() throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    String jobs = "";
    while (!jobs.contains("\"state\":\"RUNNING\"")) {
      assertThat(System.nanoTime()).as(jobs).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      jobs = get("/jobs/overview");
    }
    job = jobs.replaceFirst("(?s).*\"jid\":\"([0-9a-f]{32})\".*", "$1");
    assertThat(job).hasSize(32);
  }

  private void expectTheJobRuns() throws IOException {
    assertThat(get("/jobs/" + job)).startsWith("HTTP/1.1 200").contains("\"state\":\"RUNNING\"");
    assertThat(end).isNotDone();
  }

  private String get(String path, String... headers) throws IOException {
    return send("GET", path, own, "", headers);
  }

  /** The answer, from its first line on. */
  private String send(String method, String path, String host, String body, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    if (host != null) {
      request.append("Host: ").append(host).append("\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    if (!body.isEmpty()) {
      request.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    request.append("Connection: close\r\n\r\n").append(body);
    try (Socket socket = new Socket(LOOPBACK, address.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request.toString().getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  @Test
  void itsOwnPagesCanRead() throws Exception {
    assertThat(address.getHost()).isEqualTo("127.0.0.1");
    assertThat(get("/"))
        .startsWith("HTTP/1.1 200")
        .contains("<title>Apache Flink Web Dashboard</title>");
    assertThat(get("/overview", "Origin: http://" + own))
        .startsWith("HTTP/1.1 200")
        .contains("\"taskmanagers\":1");
    String config = get("/config");
    assertThat(config)
        .startsWith("HTTP/1.1 200")
        .contains("\"web-submit\":false", "\"web-cancel\":false", "\"web-rescale\":false")
        .doesNotContain("-origin: *");
    assertThat(send("GET", "/overview", "localhost:" + address.getPort(), ""))
        .startsWith("HTTP/1.1 200");
    for (String path : List.of("", "/config", "/vertices", "/checkpoints", "/exceptions")) {
      assertThat(get("/jobs/" + job + path)).as(path).matches("(?s)HTTP/1.1 (200|404).*");
    }
    assertThat(get("/jobs/" + job + "/config")).startsWith("HTTP/1.1 200");
  }

  /** Pages of another origin, by address and by a name that resolves to this host. */
  @Test
  void otherPagesCannotRead() throws Exception {
    String evil = "evil.example:" + address.getPort();
    for (String path : List.of("/", "/overview", "/jobs/" + job, "/jobmanager/config")) {
      assertThat(get(path, "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
      assertThat(get(path, "Origin: null")).startsWith("HTTP/1.1 403");
      assertThat(send("GET", path, evil, "")).startsWith("HTTP/1.1 403");
      assertThat(send("GET", path, evil, "", "Origin: http://" + evil)).startsWith("HTTP/1.1 403");
      assertThat(send("GET", path, null, "")).matches("(?s)HTTP/1.1 40[03].*");
    }
  }

  private static String multipart(String name, String file, String content) {
    return ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"")
        + ("; filename=\"" + file + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
        + (content + "\r\n--" + BOUNDARY + "--\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://evil.example", "own", "none"})
  void nobodyUploadsAJarOrSubmitsAJob(String from) throws Exception {
    String origin = "Origin: " + (from.equals("own") ? "http://" + own : from);
    String[] headers = {
      from.equals("none") ? "Accept: */*" : origin,
      "Content-Type: multipart/form-data; boundary=" + BOUNDARY
    };
    String jar = multipart("jarfile", "evil.jar", "PK");
    assertThat(send("POST", "/jars/upload", own, jar, headers)).matches("(?s)HTTP/1.1 40[04].*");
    assertThat(send("POST", "/v1/jars/upload", own, jar, headers)).matches("(?s)HTTP/1.1 40[04].*");
    String graph = multipart("file_0", "evil.bin", "graph");
    assertThat(send("POST", "/jobs", own, graph, headers)).matches("(?s)HTTP/1.1 40[04].*");
    headers[1] = "Content-Type: application/json";
    String json = "{\"jobGraphFileName\":\"evil.bin\",\"jobJarFileNames\":[]}";
    assertThat(send("POST", "/jobs", own, json, headers)).startsWith("HTTP/1.1 404");
    assertThat(get("/jars")).startsWith("HTTP/1.1 404");

    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(file -> file.getFileName().toString().contains("evil"))).isEmpty();
    }
    expectTheJobRuns();
  }

  /**
   * For a path that accepts uploads, Flink writes a form of more than 16 KiB to disk while it
   * arrives. This one fits into the socket, which is closed before all of it is read.
   */
  @ParameterizedTest
  @ValueSource(strings = {"/jars/upload", "/jobs", "/overview", "/x"})
  void noUploadedFileIsWrittenToDisk(String path) throws Exception {
    String form = multipart("file", "evil.bin", "x".repeat(1 << 16));
    String answer =
        send(
            "POST",
            path,
            own,
            form.substring(0, form.length() / 2), // only half of it
            "Content-Type: multipart/form-data; boundary=" + BOUNDARY,
            "Transfer-Encoding: chunked");
    assertThat(answer).startsWith("HTTP/1.1 400").contains("POST request not allowed");
    assertThat(directory.resolve("run/web/flink-web-upload")).isEmptyDirectory();
    expectTheJobRuns();
  }

  @ParameterizedTest
  @CsvSource({
    "PATCH, /jobs/JOB",
    "PATCH, /jobs/JOB?mode=cancel",
    "GET, /jobs/JOB/yarn-cancel",
    "GET, /jobs/JOB/yarn-stop",
    "POST, /jobs/JOB/stop",
    "POST, /jobs/JOB/savepoints",
    "POST, /jobs/JOB/checkpoints",
    "PATCH, /jobs/JOB/rescaling",
    "PUT, /jobs/JOB/resource-requirements",
    "PATCH, /jobs/JOB/clientHeartbeat",
    "POST, /savepoint-disposal",
    "DELETE, /cluster",
    "DELETE, /jars/x",
    "POST, /jobmanager/profiler",
    "POST, /jars/x/run",
    "HEAD, /jobs/JOB/yarn-cancel",
    "POST, /overview"
  })
  void nobodyCancelsOrChanges(String method, String path) throws Exception {
    String answer =
        send(
            method,
            path.replace("JOB", job),
            own,
            method.matches("GET|HEAD") ? "" : "{}",
            "Origin: http://" + own,
            "Content-Type: application/json");
    assertThat(answer).startsWith("HTTP/1.1 404");
    expectTheJobRuns();
  }

  /** Flink's temporary files are in the directory of the run, which other users cannot read. */
  @Test
  void nothingIsInASharedDirectory() throws Exception {
    assertThat(directory.resolve("run/web/flink-web-upload")).isDirectory();
    get("/");
    assertThat(directory.resolve("run/web/flink-web-ui")).isDirectory();
  }
}
