package io.github.flinkrnn.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.Launcher;
import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The product's promise on the real processes: the job jar, submitted as the README says, state in
 * rocksdb with incremental checkpoints, a broker of its own version, a TaskManager and the
 * JobManager killed in between.
 */
class ClusterITCase {
  private static final int TOKENS = 12_000;
  private static final int KEYS = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @Test
  void killedProcessesNeitherLoseNorRepeatNorChangeAPrediction() throws Exception {
    List<Map.Entry<String, byte[]>> records = records();
    SequentialReference reference =
        new SequentialReference(RnnModel.load(Path.of("jobs/name-tagging/model")));
    records.forEach(record -> reference.accept(record.getValue()));
    Path checkpoints = directory.resolve("checkpoints");
    Launcher launcher = new Launcher(directory);
    try (Cluster cluster = Cluster.start(directory, checkpoints)) {
      FlinkCluster flink = cluster.flink();
      String servers = cluster.kafka().address();
      cluster.kafka().createTopics(4, "tokens", "predictions", "rejected");
      String[] submit = {
        "name-tagging",
        "--submit=" + flink.address(),
        "--set=flink.parallelism.default=4",
        "--set=flink.execution.checkpointing.interval=500ms",
        "--set=flink.execution.checkpointing.data-inline-threshold=0",
        "--set=source.properties.bootstrap.servers=" + servers,
        "--set=sink.properties.bootstrap.servers=" + servers,
        "--set=dead_letters.properties.bootstrap.servers=" + servers
      };
      Launcher.Run run = launcher.run(submit);
      assertThat(run.status()).as("%s", run.stderr()).isZero();
      assertThat(run.stderr()).contains("status   RUNNING");

      Launcher.Run again = launcher.run(submit);
      assertThat(again.status()).isEqualTo(2);
      assertThat(again.stderr())
          .last()
          .asString()
          .contains("the job 'name-tagging' is already running, as ");

      try (TopicClient topics = new TopicClient(servers, "predictions")) {
        int third = TOKENS / 3;
        topics.write("tokens", records.subList(0, third));
        topics.readUntil(seen -> seen.size() >= third / 2, PATIENCE);
        flink.replaceTaskManager(0);
        topics.write("tokens", records.subList(third, 2 * third));
        topics.readUntil(seen -> seen.size() >= third + third / 2, PATIENCE);
        flink.replaceJobManager();
        topics.write("tokens", records.subList(2 * third, TOKENS));
        topics.readUntil(seen -> seen.size() >= TOKENS, PATIENCE);

        assertThat(sharedFiles(checkpoints))
            .as("files of rocksdb in several checkpoints")
            .isPositive();
        Launcher.Run stop = launcher.run("name-tagging", "--stop=" + flink.address());
        assertThat(stop.status()).as("%s", stop.stderr()).isZero();
        assertThat(stop.stdout()).singleElement().asString().startsWith("file:");
        assertThat(stop.stderr()).contains("status   FINISHED");
        assertThat(byKey(topics.readToEnd())).isEqualTo(reference.byKey());

        Launcher.Run nowhere = launcher.run(with(submit, "--from=" + directory + "/nowhere"));
        assertThat(nowhere.status()).isEqualTo(2);
        assertThat(nowhere.stderr())
            .last()
            .asString()
            .endsWith("/nowhere: expected a savepoint or checkpoint");

        // The JobManager learns why a task ended from bytes, and does not start it again.
        Launcher.Run absent =
            launcher.run(
                with(submit, "--skip-checks", "--set=name=absent", "--model=" + directory));
        assertThat(absent.status()).as("%s", absent.stderr()).isEqualTo(1);
        assertThat(absent.stderr())
            .last()
            .asString()
            .contains(
                "InvalidFileException: " + directory + ": expected one of model.safetensors, ");
      }
    }
  }

  /** Seeded words of interleaved sequences, some of which end and begin again. */
  private static List<Map.Entry<String, byte[]>> records() {
    String[] some = {"Mr.", "Watson", "said", "the", "London", "bears", "zzyzx", ",", "1863", "a"};
    Random random = new Random(6);
    List<Map.Entry<String, byte[]>> records = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      String key = "k" + random.nextInt(KEYS);
      String word = some[random.nextInt(some.length)];
      String end = random.nextInt(40) == 0 ? ",\"end\":true" : "";
      String json = "{\"key\":\"" + key + "\",\"token\":\"" + word + "\"" + end + "}";
      records.add(Map.entry(key, json.getBytes(UTF_8)));
    }
    return records;
  }

  private static String[] with(String[] words, String... more) {
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  /** Only incremental checkpoints leave any. */
  private static long sharedFiles(Path checkpoints) throws IOException {
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files.filter(file -> file.getParent().endsWith("shared")).count();
    }
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
