package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A job that has a golden savepoint: the records before the savepoint, and those after it. */
final class SavedJob {
  /** Two jobs that together have every kind of state. */
  enum Kind {
    /** Tokens wait for a number, and duplicates are dropped. Timers are years away. */
    SEQ,
    /**
     * Tokens wait for the watermark, and last predictions wait for the idle timeout of their keys.
     */
    TIMESTAMP;

    private String options() {
      return switch (this) {
        case SEQ ->
            """
            sequence: {order: seq, deduplicate: seq, max_wait: 30000d, idle_timeout: 36500d}
            output: {fields: [token, prediction]}
            """;
        case TIMESTAMP ->
            """
            sequence:
              order: timestamp
              max_out_of_orderness: 1s
              idle_partition: 1s
              idle_timeout: 1h
              idle_time: event
            output: {fields: [token, prediction], emit: last}
            """;
      };
    }

    /** The records that the job read before the savepoint. */
    List<Map.Entry<String, byte[]>> before() {
      return switch (this) {
        case SEQ ->
            List.of(
                record("a", "the", "\"seq\":0"),
                record("a", "the", "\"seq\":0"),
                record("a", "sat", "\"seq\":2"),
                record("a", "down", "\"seq\":3"),
                record("b", "cat", "\"seq\":0"),
                record("c", "the", "\"seq\":0"));
        case TIMESTAMP ->
            List.of(
                record("d", "down", "\"timestamp\":500"),
                record("a", "the", "\"timestamp\":1000"),
                record("a", "sat", "\"timestamp\":3000"),
                record("a", "cat", "\"timestamp\":2500"),
                record("b", "the", "\"timestamp\":2600"),
                record("c", "the", "\"timestamp\":1000"));
      };
    }

    /** The records that were added to the topic after it. */
    List<Map.Entry<String, byte[]>> after() {
      return switch (this) {
        case SEQ ->
            List.of(
                record("b", "cat", "\"seq\":0"),
                record("a", "cat", "\"seq\":1"),
                record("b", "sat", "\"seq\":1"));
        case TIMESTAMP ->
            List.of(
                record("a", "down", "\"timestamp\":9000"),
                record("z", "the", "\"timestamp\":10000000"));
      };
    }

    /** The predictions after the savepoint, by key. */
    Map<String, List<String>> expected() {
      return switch (this) {
        case SEQ ->
            Map.of(
                "a",
                List.of(
                    predicted("a", 2, "cat", "-1.75,7.0"),
                    predicted("a", 3, "sat", "0.5625,8.53125"),
                    predicted("a", 4, "down", "3.140625,9.46875")),
                "b",
                List.of(predicted("b", 2, "sat", "0.75,6.375")));
        case TIMESTAMP ->
            Map.of(
                "a", List.of(predicted("a", 4, "down", "3.140625,9.46875")),
                "b", List.of(predicted("b", 1, "the", "-3.0,4.5")),
                "d", List.of(predicted("d", 1, "down", "3.0,3.0")));
      };
    }

    String folder() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The savepoint contains the topic's name, and how far it was read. */
    String topic() {
      return "tokens-by-" + folder();
    }

    Path savepoint(String format) {
      return resource("/job/savepoints/" + format + "/" + folder());
    }

    /** The topic in which a record shows that the last record before the savepoint was read. */
    String sentinelTopic(String output) {
      return this == SEQ ? output : output + "-rejected";
    }

    boolean isSentinelThere(List<ConsumerRecord<byte[], byte[]>> seen) {
      return seen.stream().anyMatch(record -> new String(record.key(), UTF_8).equals("c"));
    }
  }

  private final Path file;

  SavedJob(Kind kind, Path directory, String servers, String output) throws Exception {
    file = directory.resolve("job.yaml");
    String end = ", properties: {bootstrap.servers: \"" + servers + "\"}}\n";
    Files.writeString(
        file,
        "name: golden\n"
            + ("model: " + resource("/operator/states/model") + "\n")
            + ("source: {type: kafka, topic: " + kind.topic() + ", start: earliest" + end)
            + ("sink: {type: kafka, topic: " + output + end)
            + ("dead_letters: {type: kafka, topic: " + output + "-rejected" + end)
            + ("ends: {type: kafka, topic: " + output + "-ends" + end)
            + kind.options()
            + "flink:\n"
            + "  parallelism.default: 1\n"
            + "  execution.checkpointing.interval: 100ms\n"
            + "  restart-strategy.type: none\n");
  }

  JobClient start(String... overrides) throws Exception {
    JobFile job = JobFileReader.read(file.toString(), List.of(overrides), name -> null);
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    return env.executeAsync(job.name());
  }

  JobClient restore(Path savepoint, String... overrides) throws Exception {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("flink.execution.state-recovery.path=" + savepoint.toUri());
    return start(all.toArray(String[]::new));
  }

  static Map.Entry<String, byte[]> record(String key, String word, String rest) {
    String json = "{\"key\":\"" + key + "\",\"token\":\"" + word + "\"," + rest + "}";
    return Map.entry(key, json.getBytes(UTF_8));
  }

  private static String predicted(String key, int t, String word, String y) {
    String start = "{\"key\":\"" + key + "\",\"t\":" + t + ",\"token\":\"" + word;
    return start + "\",\"prediction\":[" + y + "]}";
  }

  private static Path resource(String name) {
    URL url = Objects.requireNonNull(SavedJob.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
