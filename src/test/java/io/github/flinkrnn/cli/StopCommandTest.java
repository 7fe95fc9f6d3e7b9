package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.flinkrnn.job.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stops a job through Flink's REST interface. A server in this JVM plays the answers. */
class StopCommandTest {
  private static final String RUNNING =
      "{\"jobs\":[{\"jid\":\"1a\",\"name\":\"tags\",\"state\":\"RUNNING\"},"
          + "{\"jid\":\"2b\",\"name\":\"tags\",\"state\":\"FAILED\"},"
          + "{\"jid\":\"3c\",\"name\":\"other\",\"state\":\"RUNNING\"}]}";
  private static final String ENDED = RUNNING.replaceFirst("RUNNING", "FINISHED");

  private final Map<String, Deque<String>> answers = new HashMap<>();
  private final Map<String, String> asked = new ConcurrentHashMap<>();
  private final Map<String, String> methods = new ConcurrentHashMap<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private HttpServer server;
  private String url;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.put(path, new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          methods.put(path, exchange.getRequestMethod() + " " + exchange.getRequestURI());
          Deque<String> left = answers.getOrDefault(path, new ArrayDeque<>());
          byte[] answer = (left.size() > 1 ? left.remove() : left.getFirst()).getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    answer("/overview", "{\"flink-version\":\"2.3.0\"}");
    answer("/jobs/overview", RUNNING, RUNNING, ENDED);
    answer("/jobs/1a", "{\"state\":\"FINISHED\"}");
    answer("/jobs/1a/stop", "{\"request-id\":\"9\"}");
    answer(
        "/jobs/1a/savepoints/9",
        "{\"status\":{\"id\":\"IN_PROGRESS\"}}",
        "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"file:/sp/9\"}}");
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  /** The answers to successive requests. The last one is repeated. */
  private void answer(String path, String... json) {
    answers.put(path, new ArrayDeque<>(List.of(json)));
  }

  private String stop(String job, Optional<String> directory) throws Exception {
    Console console = new Console(new PrintStream(said, true, UTF_8), false);
    return new StopCommand(new RunningCluster("--stop", url), job, console).stop(directory);
  }

  @Test
  void theSavepointIsAtThePathOfTheCluster() throws Exception {
    assertThat(stop("tags", Optional.empty())).isEqualTo("file:/sp/9");
    assertThat(asked).containsEntry("/jobs/1a/stop", "{\"drain\":false}");
    assertThat(said.toString(UTF_8).lines())
        .containsExactly("savepoint file:/sp/9", "status   FINISHED");
  }

  @Test
  void aPathIsMadeAUri() throws Exception {
    stop("tags", Optional.of("/sp"));

    assertThat(asked)
        .containsEntry("/jobs/1a/stop", "{\"drain\":false,\"targetDirectory\":\"file:/sp\"}");
  }

  @Test
  void aMissingJobIsOneLine() {
    assertThatThrownBy(() -> stop("tagz", Optional.empty()))
        .isInstanceOf(UsageException.class)
        .hasMessage("--stop " + url + ": no job 'tagz' is running");
  }

  @Test
  void twoJobsWithTheSameNameAreOneLine() {
    answer("/jobs/overview", RUNNING.replace("other", "tags"));

    assertThatThrownBy(() -> stop("tags", Optional.empty()))
        .isInstanceOf(UsageException.class)
        .hasMessage("--stop " + url + ": expected one job 'tags', found 1a, 3c");
  }

  @Test
  void aClusterWithoutASavepointDirectoryAsksForOne() {
    answer(
        "/jobs/1a/stop",
        "{\"errors\":[\"Config key [execution.checkpointing.savepoint-dir] is not set. Property"
            + " [targetDirectory] must be provided.\"]}");

    assertThatThrownBy(() -> stop("tags", Optional.empty()))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--stop "
                + url
                + ": missing: expected --savepoints DIR, because the cluster has no"
                + " execution.checkpointing.savepoint-dir");
  }

  @Test
  void aFailedSavepointIsReportedWithItsInnermostCause() {
    answer(
        "/jobs/1a/savepoints/9",
        "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"stack-trace\":"
            + "\"a.B: outer\\n\\tat x\\nCaused by: java.io.IOException: No space left\\n\"}}}");

    assertThatThrownBy(() -> stop("tags", Optional.empty()))
        .isInstanceOf(FailedJobException.class)
        .hasMessage(
            "--stop "
                + url
                + ": no savepoint, the job continues: IOException: No space left;"
                + " --without-savepoint cancels it");
  }

  @Test
  void cancelsAJobThatDoesNotRunYet() throws Exception {
    answer("/jobs/overview", RUNNING.replaceFirst("RUNNING", "CREATED"), ENDED);
    answer("/jobs/1a", "{}", "{\"state\":\"CANCELED\"}");
    Console console = new Console(new PrintStream(said, true, UTF_8), false);
    new StopCommand(new RunningCluster("--stop", url), "tags", console).cancel();
    assertThat(methods).doesNotContainKey("/jobs/1a/stop");
    assertThat(said.toString(UTF_8)).contains("CANCELED");
    assertThat(asked).containsEntry("/jobs/1a", "");
  }

  @Test
  void cancelAsksAsFlinksOwnClientDoes() throws Exception {
    answer("/jobs/1a", "{\"errors\":[\"org.apache.flink.FlinkException: not now\"]}");
    Console console = new Console(new PrintStream(said, true, UTF_8), false);
    StopCommand command = new StopCommand(new RunningCluster("--stop", url), "tags", console);
    assertThatThrownBy(command::cancel)
        .isInstanceOf(FailedJobException.class)
        .hasMessage("--stop " + url + ": org.apache.flink.FlinkException: not now");
    assertThat(methods).containsEntry("/jobs/1a", "PATCH /jobs/1a?mode=cancel");
  }
}
