package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Exactly-once on a real broker. Tasks fail and a TaskManager dies, and a read_committed consumer
 * still sees the predictions of a run without failures, bit for bit, each once, in order for each
 * key.
 */
class ExactlyOnceITCase {
  private static final int TOKENS = 20_000;
  private static final int KEYS = 200;
  private static final int BAD_EVERY = 500;
  private static final int BAD = TOKENS / BAD_EVERY;
  private static final String MODEL = "jobs/name-tagging/model";
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension
  private static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(1)
              .build());

  private static int killed; // task managers of the cluster, which both tests use

  @TempDir private Path directory;

  @Test
  void failuresNeitherLoseNorRepeatNorChangeAPrediction(@InjectMiniCluster MiniCluster cluster)
      throws Exception {
    RnnModel model = RnnModel.load(Path.of(MODEL));
    List<Map.Entry<String, byte[]>> records = records(model);
    SequentialReference reference = new SequentialReference(model);
    records.forEach(record -> reference.accept(record.getValue()));
    assertThat(reference.rejected()).isEqualTo(BAD);
    assertExactlyOnce(cluster, records, "", MODEL, reference.byKey());
  }

  /** A prediction that waits is in the state; a provisional one comes before its final one. */
  @Test
  void norOneThatLooksAhead(@InjectMiniCluster MiniCluster cluster) throws Exception {
    String directory = MODEL + "-look-ahead";
    RnnModel model = RnnModel.load(Path.of(directory));
    List<Map.Entry<String, byte[]>> records = records(model);
    LookAheadReference reference = new LookAheadReference(model, 2);
    Map<String, List<String>> expected = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> record : records) {
      JsonNode token = JSON.readTree(record.getValue());
      if (token.get("token").isString()) {
        String key = record.getKey();
        for (byte[] each :
            reference.of(key, token.get("token").asString(), null, token.has("end"))) {
          expected.computeIfAbsent(key, k -> new ArrayList<>()).add(new String(each, UTF_8));
        }
      }
    }
    assertExactlyOnce(
        cluster, records, ", look_ahead: 2}\noutput: {provisional: true", directory, expected);
  }

  private void assertExactlyOnce(
      MiniCluster cluster,
      List<Map.Entry<String, byte[]>> records,
      String options,
      String model,
      Map<String, List<String>> expected)
      throws Exception {
    int all = expected.values().stream().mapToInt(List::size).sum();
    FailingPass.reset();
    Set<Thread> before = adminThreads();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(4, "tokens", "predictions", "rejected");
      JobFile job = job(kafka.address(), model, options);
      StreamExecutionEnvironment env =
          RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
      env.setParallelism(2);
      RnnJob.connect(
          Endpoints.records(env, job)
              .map(new FailingPass())
              .returns(TypeInformation.of(SourceRecord.class))
              .uid("failing"),
          job);
      JobClient client = env.executeAsync("exactly-once");
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions");
          TopicClient deadLetters = new TopicClient(kafka.address(), "rejected")) {
        int quarter = records.size() / 4;
        topics.write("tokens", records.subList(0, quarter));
        topics.readUntil(seen -> seen.size() >= 1000, PATIENCE);
        FailingPass.failOnce();
        topics.write("tokens", records.subList(quarter, 2 * quarter));
        topics.readUntil(seen -> seen.size() >= all / 4 + 1000, PATIENCE);
        cluster.terminateTaskManager(killed++).get(); // one that runs
        cluster.startTaskManager();
        topics.write("tokens", records.subList(2 * quarter, 3 * quarter));
        topics.readUntil(seen -> seen.size() >= all / 2 + 1000, PATIENCE);
        FailingPass.failOnce();
        topics.write("tokens", records.subList(3 * quarter, records.size()));
        topics.readUntil(seen -> seen.size() >= all, PATIENCE);
        deadLetters.readUntil(seen -> seen.size() >= BAD, PATIENCE);
        client.cancel().get();
        // Two tasks at first, and two more after each of the three faults.
        assertThat(FailingPass.starts()).isEqualTo(8);
        assertThat(byKey(topics.readToEnd())).isEqualTo(expected);
        assertThat(deadLetters.readToEnd()).hasSize(BAD);
      }
      expectNoClientIsLeft(before);
    }
  }

  private static Set<Thread> adminThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("kafka-admin-client-thread"));
    return threads;
  }

  /** Each start of a task would otherwise leave clients that connect again and again for ever. */
  private static void expectNoClientIsLeft(Set<Thread> before) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Set<Thread> left = adminThreads();
    while (!before.containsAll(left)) {
      assertThat(System.nanoTime()).as("%s", left).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      left = adminThreads();
    }
  }

  /**
   * Seeded words of interleaved sequences, some of which end and begin again, and some invalid
   * records.
   */
  private static List<Map.Entry<String, byte[]>> records(RnnModel model) {
    int words = ((ModelInput.Words) model.input()).vocabulary().size();
    assertThat(words).isGreaterThan(1000);
    String[] some = {"Mr.", "Watson", "said", "the", "London", "bears", "zzyzx", ",", "1863", "a"};
    Random random = new Random(20_000);
    List<Map.Entry<String, byte[]>> records = new ArrayList<>();
    for (int i = 1; i <= TOKENS; i++) {
      String key = "k" + random.nextInt(KEYS);
      String word = some[random.nextInt(some.length)];
      String end = random.nextInt(40) == 0 ? ",\"end\":true" : "";
      String json = "{\"key\":\"" + key + "\",\"token\":\"" + word + "\"" + end + "}";
      records.add(Map.entry(key, json.getBytes(UTF_8)));
      if (i % BAD_EVERY == 0) {
        records.add(Map.entry(key, ("{\"key\":\"" + key + "\",\"token\":true}").getBytes(UTF_8)));
      }
    }
    return records;
  }

  private JobFile job(String servers, String model, String options) throws Exception {
    Path file = directory.resolve("job.yaml");
    String end = "properties: {bootstrap.servers: \"" + servers + "\"}}\n";
    Files.writeString(
        file,
        "name: exactly-once\n"
            + ("model: " + Path.of(model).toAbsolutePath() + "\n")
            + ("source: {type: kafka, topic: tokens, " + end)
            + ("sink: {type: kafka, topic: predictions, " + end)
            + ("dead_letters: {type: kafka, topic: rejected, " + end)
            + ("sequence: {idle_timeout: 30m" + options + "}\n")
            + "flink:\n"
            + "  execution.checkpointing.interval: 200ms\n"
            + "  restart-strategy.type: fixed-delay\n"
            + "  restart-strategy.fixed-delay.attempts: 10\n"
            + "  restart-strategy.fixed-delay.delay: 100ms\n");
    return JobFileReader.read(file.toString(), List.of(), name -> null);
  }

  private static Map<String, List<String>> byKey(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> byKey = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byKey
          .computeIfAbsent(new String(record.key(), UTF_8), k -> new ArrayList<>())
          .add(new String(record.value(), UTF_8));
    }
    return byKey;
  }
}
