package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.rig.cluster.Cluster;
import io.github.flinkrnn.rig.cluster.ClusterSize;
import io.github.flinkrnn.rig.cluster.Jdks;
import io.github.flinkrnn.rig.cluster.ServerJvm;
import io.github.flinkrnn.rig.faults.RunningJob;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The processes of docker-compose.yml without Docker: Kafka, ZooKeeper and Flink with the deployed
 * configuration, the command of the service {@code job}, and Prometheus where it is installed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // both use the topics; the first counts all
class StackITCase {
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Path JOB = Path.of("jobs/name-tagging/job.yaml");

  @TempDir private static Path directory;

  private static Path home;
  private static Path ports;
  private static Cluster cluster;
  private static TopicClient topics;

  @BeforeAll
  static void start() throws Exception {
    home = directory.resolve("home");
    ports = Files.createDirectories(directory.resolve("ports"));
    Map<String, String> options = new TreeMap<>(ClusterSize.SMALL.options());
    options.put("metrics.reporters", "loopback");
    options.put("metrics.reporter.loopback.factory.class", LoopbackReporterFactory.class.getName());
    options.put("metrics.reporter.loopback.ports", ports.toString());
    cluster =
        Cluster.start(
            directory,
            directory.resolve("checkpoints"),
            new ClusterSize(
                2,
                options,
                List.of(
                    "-Dlog.file=" + directory.resolve("flink.log"),
                    "-Dlog4j2.configurationFile="
                        + Path.of("src/deploy/flink/log4j-console.properties").toAbsolutePath()),
                List.of(
                    reporterJar(),
                    Path.of(
                        AbstractPrometheusReporter.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))));
    cluster.flink().installClient(home);
    cluster.kafka().createTopics(PARTITIONS, "tokens", "predictions", "rejected");
    topics = new TopicClient(cluster.kafka().address(), "predictions");
  }

  @AfterAll
  static void stop() {
    if (topics != null) {
      topics.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  /** A jar with only the reporter, because the processes have none of this project's classes. */
  private static Path reporterJar() throws IOException {
    Path jar = directory.resolve("reporter.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      for (Class<?> type : List.of(LoopbackReporter.class, LoopbackReporterFactory.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        entries.putNextEntry(new JarEntry(name));
        try (var in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(entries);
        }
      }
      entries.putNextEntry(
          new JarEntry("META-INF/services/" + MetricReporterFactory.class.getName()));
      entries.write(LoopbackReporterFactory.class.getName().getBytes(UTF_8));
    }
    return jar;
  }

  @Test
  @Order(1)
  void upResumesAfterAStopAKillAndACancellationAndRepeatsNothing() throws Exception {
    RunningJob job = job("name-tagging");
    Path own = directory.resolve("checkpoints/jobs/name-tagging");

    assertThat(up()).contains("flink-rnn: nothing to resume from: this is the first run");
    feedAndExpect(40);
    assertThat(up()).isEqualTo("submit.sh: the job 'name-tagging' runs already");

    String savepoint = job.stop();
    assertThat(savepoint).startsWith("file:" + directory + "/savepoints/savepoint-");
    assertThat(up()).contains("flink-rnn: resumes from " + savepoint);
    feedAndExpect(80);

    cluster.flink().replaceAll(Jdks.current()); // SIGKILL
    await("recovered job", job::runs);
    assertThat(up()).isEqualTo("submit.sh: the job 'name-tagging' runs already");
    feedAndExpect(120);

    String id = job.id();
    cancel(id);
    assertThat(up()).contains("flink-rnn: resumes from file:" + own + "/" + id + "/chk-");
    feedAndExpect(160);
    cancel(job.id());
    assertThatTheLogIsJsonWithoutTheKnownWarning();
  }

  private static RunningJob job(String name, String... settings) {
    return new RunningJob(cluster.flink(), JOB, List.of(settings), name, directory, PARTITIONS);
  }

  /**
   * Runs the command of the service {@code job} as Docker would, with the paths of this machine.
   */
  private static String up() throws IOException, InterruptedException {
    JsonNode service = Yaml.read("docker-compose.yml").at("/services/job");
    List<String> command = new ArrayList<>();
    service.get("command").forEach(word -> command.add(here(word.asString())));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("PATH", home.resolve("bin") + ":" + environment.get("PATH"));
    service
        .get("environment")
        .properties()
        .forEach(
            variable -> environment.put(variable.getKey(), here(variable.getValue().asString())));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static String here(String word) {
    return word.replace("/opt/flink-rnn/conf", home.resolve("conf").toString())
        .replace("/opt/flink-rnn/flink-rnn.jar", System.getProperty("job.jar"))
        .replace("/opt/flink-rnn/checkpoints", directory.resolve("checkpoints").toString())
        .replace("/opt/flink-rnn/jobs", Path.of("jobs").toAbsolutePath().toString())
        .replace("kafka:19092", cluster.kafka().address())
        .replace("${FLINK_RNN_FROM-latest}", "latest");
  }

  /** Sends 40 tokens, and expects that each token so far has one prediction. */
  private static void feedAndExpect(int all) throws ExecutionException, InterruptedException {
    List<Map.Entry<String, byte[]>> tokens = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tokens.add(Map.entry("k" + i % 8, "{\"token\":\"Dr.\"}".getBytes(UTF_8)));
    }
    topics.write("tokens", tokens);
    Set<String> steps = new TreeSet<>();
    List<ConsumerRecord<byte[], byte[]>> seen =
        topics.readUntil(records -> records.size() >= all, PATIENCE);
    for (ConsumerRecord<byte[], byte[]> record : seen) {
      JsonNode prediction = new JsonMapper().readTree(record.value());
      steps.add(prediction.get("key").asString() + " " + prediction.get("t").asInt());
    }
    assertThat(seen).hasSize(all);
    assertThat(steps).hasSize(all);
    int last = all / 8;
    assertThat(steps).contains("k0 1", "k0 " + last, "k7 " + last);
  }

  private interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static void await(String what, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (IOException | NoSuchElementException e) {
        // The JobManager does not answer yet.
      }
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }

  private static void cancel(String id) throws IOException, InterruptedException {
    URI uri = URI.create(cluster.flink().address() + "/jobs/" + id + "?mode=cancel");
    HttpRequest request =
        HttpRequest.newBuilder(uri).method("PATCH", HttpRequest.BodyPublishers.noBody()).build();
    HttpResponse<Void> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
    assertThat(answer.statusCode()).isEqualTo(202);
    await(
        "end of the job",
        () ->
            cluster
                .flink()
                .get("/jobs/" + id)
                .orElseThrow()
                .get("state")
                .asString()
                .equals("CANCELED"));
  }

  private static void assertThatTheLogIsJsonWithoutTheKnownWarning() throws IOException {
    for (String process : List.of("jobmanager", "taskmanager-0", "taskmanager-1")) {
      List<String> lines =
          Files.readAllLines(cluster.logs().resolve(process + ".log")).stream()
              .filter(line -> line.startsWith("{"))
              .toList();
      assertThat(lines)
          .hasSizeGreaterThan(20)
          .noneMatch(line -> line.contains("pendingCommittables"));
      for (String line : lines) {
        assertThat(new JsonMapper().readTree(line).has("message")).isTrue();
      }
    }
  }

  /** What fires and what does not, in a real Prometheus that scrapes these processes. */
  @Test
  @Order(2)
  void alertsFireInARealPrometheus() throws Exception {
    Prometheus.expect("prometheus");
    String brokers = ".properties.bootstrap.servers=" + cluster.kafka().address();
    RunningJob job =
        job(
            "alerts",
            "name=alerts",
            "sequence.idle_time=event",
            "source" + brokers,
            "sink" + brokers,
            "dead_letters" + brokers);
    job.submit(Optional.empty());
    Map<String, List<String>> targets =
        Map.of(
            "jobmanager",
            List.of(target(cluster.flink().jobManager())),
            "taskmanager",
            List.of(
                target(cluster.flink().taskManager(0)), target(cluster.flink().taskManager(1))));
    try (Prometheus prometheus = Prometheus.start(directory.resolve("prometheus"), targets)) {
      prometheus.await(
          "ten scrapes",
          () -> {
            feed(System.currentTimeMillis(), "{\"token\":\"Dr.\"}");
            return prometheus.value("count_over_time(flink_jobmanager_numRunningJobs[1m])") > 10;
          });
      assertThat(prometheus.firing())
          .doesNotContainKeys(
              "NothingScraped",
              "TargetDown",
              "JobManagerDown",
              "TaskManagersMissing",
              "JobNotRunning",
              "WatermarkStands",
              "RecordsRejected");

      long fixed = System.currentTimeMillis();
      prometheus.await(
          "alerts about the tokens",
          () -> {
            feed(fixed, "{\"token\":\"Dr.\"}");
            feed(fixed, "no JSON");
            return prometheus
                .firing()
                .keySet()
                .containsAll(Set.of("WatermarkStands", "RecordsRejected"));
          });
      assertThat(prometheus.firing().get("WatermarkStands"))
          .containsExactly(Map.of("job_name", "alerts", "severity", "warn"));
      assertThat(prometheus.firing().get("RecordsRejected"))
          .containsExactly(Map.of("job_name", "alerts", "reason", "not_json", "severity", "warn"));

      ServerJvm lost = cluster.flink().taskManager(1);
      String address = targets.get("taskmanager").get(1);
      lost.pause();
      try {
        prometheus.awaitAlert("TargetDown", Map.of("job", "taskmanager", "instance", address));
        prometheus.awaitAlert("TaskManagersMissing", Map.of("severity", "page"));
      } finally {
        lost.resume();
      }
      ServerJvm jobManager = cluster.flink().jobManager();
      jobManager.pause();
      try {
        prometheus.awaitAlert("JobManagerDown", Map.of("severity", "page"));
        assertThat(prometheus.firing()).doesNotContainKey("NothingScraped");
      } finally {
        jobManager.resume();
      }
    }
    cluster.flink().awaitSlots();
    await("job", job::runs);
    cancel(job.id());
  }

  private static String target(ServerJvm process) throws InterruptedException, IOException {
    Path port = ports.resolve(String.valueOf(process.pid()));
    await("port of " + process, () -> Files.exists(port));
    return "127.0.0.1:" + Files.readString(port);
  }

  /** Sends a record to each partition. */
  private static void feed(long timestamp, String value) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      records.add(
          new ProducerRecord<>(
              "tokens", p, timestamp, ("p" + p).getBytes(UTF_8), value.getBytes(UTF_8)));
    }
    try {
      topics.write(records);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
