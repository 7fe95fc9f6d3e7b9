package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * TLS and SASL reach every Kafka client of a job (the checks, the source, both sinks, {@code
 * --feed}) in separate processes, and TLS with certificates of both sides every request to Flink.
 * No secret appears in a log, in the REST interface or in an exception.
 */
class SecretsITCase {
  private static final String PASSWORD = "sentinel-password-4711";
  private static final String WRONG = "sentinel-password-0815";
  private static final String FLINK_SECRET = "sentinel-secret-key-1234";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;

  @Test
  void aSecuredJobRunsAndKeepsItsSecrets() throws Exception {
    SequentialReference reference =
        new SequentialReference(RnnModel.load(Path.of("jobs/name-tagging/model")));
    List<String> lines = Files.readAllLines(Path.of("jobs/name-tagging/tokens.jsonl"));
    lines.forEach(line -> reference.accept(line.getBytes(UTF_8)));
    int first = reference.inOrder().size();
    try (SecuredKafka kafka =
            new SecuredKafka(Files.createDirectory(directory.resolve("k")), PASSWORD);
        FlinkProcesses cluster =
            FlinkProcesses.start(Files.createDirectory(directory.resolve("flink")))) {
      kafka.createTopics("tokens", "predictions", "rejected");
      String job = writeJob(kafka, cluster);

      Launcher launcher = launcher(PASSWORD, "right");
      Launcher.Run submitted = launcher.run(job, "--submit", cluster.address(), "--parallelism=1");
      assertThat(submitted.status()).as("%s", submitted.stderr()).isZero();
      assertThat(submitted.stderr())
          .contains("status   RUNNING")
          .anyMatch(
              line ->
                  line.matches(
                      "job      [0-9a-f]{32} on https://127.0.0.1:\\d+, parallelism 1"
                          + " \\(set for the job\\)"));
      Launcher.Run fed = launcher.run(job, "--feed");
      assertThat(fed.status()).as("%s", fed.stderr()).isZero();
      assertThat(fed.stdout()).isEqualTo(reference.inOrder());
      expectNoSecret(Stream.concat(submitted.stderr().stream(), fed.stderr().stream()));

      // The sequences continue, and only the new predictions are printed.
      lines.forEach(line -> reference.accept(line.getBytes(UTF_8)));
      Launcher.Run again = launcher.run(job, "--feed");
      assertThat(again.stdout())
          .isEqualTo(reference.inOrder().subList(first, reference.inOrder().size()));
      assertThat(again.stderr())
          .anyMatch(line -> line.matches("done +53 predictions, 0 rejected, \\d+\\.\\d s"));

      stopAndResumeBehindAProxy(cluster, launcher, job);

      Launcher.Run refused =
          launcher(WRONG, "wrong").run(job, "--set=name=refused", "--submit", cluster.address());
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.stderr())
          .last()
          .asString()
          .contains("job.yaml: source.properties", "answered", "invalid credentials");
      expectNoSecret(refused.stderr().stream());

      launcher(WRONG, "fails")
          .run(
              job,
              "--set=name=fails",
              "--submit",
              cluster.address(),
              "--skip-checks",
              "--set=flink.restart-strategy.type=none");
      awaitFailure(cluster);
      for (JsonNode each : JSON.readTree(cluster.get("/jobs/overview")).get("jobs")) {
        String base = "/jobs/" + each.get("jid").asString();
        for (String path : List.of("", "/config", "/jobmanager/config", "/plan", "/exceptions")) {
          String answer = cluster.get(base + path);
          assertThat(JSON.readTree(answer).has("errors")).as(path).isFalse();
          expectNoSecret(Stream.of(answer));
        }
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      // The logs of JobManager, TaskManager and three launchers. The broker's logs are its topics.
      List<Path> logs =
          files
              .filter(file -> file.toString().endsWith(".log"))
              .filter(file -> !file.startsWith(directory.resolve("k")))
              .toList();
      assertThat(logs).hasSize(5);
      for (Path log : logs) {
        assertThat(log).isNotEmptyFile();
        expectNoSecret(Files.readAllLines(log).stream());
      }
    }
  }

  private void stopAndResumeBehindAProxy(FlinkProcesses cluster, Launcher launcher, String job)
      throws Exception {
    Launcher.Run stopped = launcher.run(job, "--stop", cluster.address());
    assertThat(stopped.status()).as("%s", stopped.stderr()).isZero();
    String login = Base64.getEncoder().encodeToString(("me:" + PASSWORD).getBytes(UTF_8));
    HttpServer proxy = cluster.proxy("/flink/cluster1", "Basic " + login);
    try {
      String below = "127.0.0.1:" + proxy.getAddress().getPort() + "/flink/cluster1";
      String url = "http://me:" + PASSWORD + "@" + below + "/";
      String from = stopped.stdout().get(0);
      Launcher.Run resumed = launcher.run(job, "--submit=" + url, "--from", from);
      assertThat(resumed.status()).as("%s", resumed.stderr()).isZero();
      assertThat(resumed.stderr())
          .anyMatch(
              line ->
                  line.matches(
                      ("job      [0-9a-f]{32} on http://" + below)
                          + ", parallelism 2 \\(parallelism.default of the cluster\\)"));
      Launcher.Run wrong = launcher.run(job, "--stop=http://me:" + WRONG + "@" + below);
      assertThat(wrong.stderr())
          .containsExactly(
              "flink-rnn: --stop http://"
                  + below
                  + ": the login that was sent was not accepted (HTTP 401)");
      Launcher.Run again = launcher.run(job, "--stop", url);
      assertThat(again.status()).as("%s", again.stderr()).isZero();
      expectNoSecret(
          Stream.of(stopped, resumed, again)
              .flatMap(run -> Stream.concat(run.stdout().stream(), run.stderr().stream())));
    } finally {
      proxy.stop(0);
    }
  }

  private static void expectNoSecret(Stream<String> texts) {
    assertThat(texts.filter(text -> text.contains("sentinel"))).isEmpty();
  }

  private Launcher launcher(String password, String name) throws Exception {
    return new Launcher(
        Files.createDirectory(directory.resolve(name)),
        Map.of(
            "KAFKA_PASSWORD",
            password,
            "S3_SECRET",
            FLINK_SECRET,
            "STORE_PASSWORD",
            Certificates.PASSWORD));
  }

  private String writeJob(SecuredKafka kafka, FlinkProcesses cluster) throws Exception {
    Files.copy(Path.of("jobs/name-tagging/tokens.jsonl"), directory.resolve("tokens.jsonl"));
    String end =
        """
          properties:
            bootstrap.servers: "%s"
            security.protocol: SASL_SSL
            ssl.truststore.type: PEM
            ssl.truststore.location: %s
            sasl.mechanism: SCRAM-SHA-512
            sasl.jaas.config: >-
              org.apache.kafka.common.security.scram.ScramLoginModule required
              username="%s" password="${KAFKA_PASSWORD}";
        """
            .formatted(kafka.address(), kafka.certificate(), SecuredKafka.USER);
    Path file = directory.resolve("job.yaml");
    Files.writeString(
        file,
        "name: secured\n"
            + ("model: " + Path.of("jobs/name-tagging/model").toAbsolutePath() + "\n")
            + ("source:\n  type: kafka\n  topic: tokens\n" + end)
            + ("sink:\n  type: kafka\n  topic: predictions\n" + end)
            + ("dead_letters:\n  type: kafka\n  topic: rejected\n" + end)
            + "flink:\n  execution.checkpointing.interval: 200ms\n  s3.secret-key: ${S3_SECRET}\n"
            + cluster.clientOptions("${STORE_PASSWORD}"));
    return file.toString();
  }

  private static void awaitFailure(FlinkProcesses cluster) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!cluster.get("/jobs/overview").contains("\"state\":\"FAILED\"")) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the job with the wrong password still runs");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }
}
