package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.file.FailingOnce;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelDirectory;
import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A topic out of order goes through a complete job, with a failure in the middle. The output is
 * that of the sequential reference on the repaired order, bit for bit, and every record is a
 * prediction, a dead letter or a counted duplicate.
 */
class SequenceOrderITCase {
  private static final int KEYS = 40;
  private static final int TOKENS = 60_000;
  private static final int PLACES = 400;
  private static final String[] WORDS = {"the", "cat", "sat", "down"};

  @RegisterExtension static final MiniClusterExtension CLUSTER = MiniClusters.withSlots(4);

  @TempDir private Path directory;

  private record Line(String key, double place, String json) {}

  static Stream<Arguments> orders() {
    return Stream.of("arrival", "timestamp", "seq")
        .flatMap(order -> Stream.of(1, 2, 4).map(slots -> Arguments.of(order, slots)));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void itIsTheSequenceInOrder(String order, int parallelism) throws Exception {
    Path model = ModelDirectory.words(Files.createDirectory(directory.resolve("model")));
    List<Line> sent = sent(new Random(parallelism));
    List<Line> arriving = arriving(sent, order.equals("arrival") ? 0 : PLACES, new Random(77));
    List<String> lines = new ArrayList<>(arriving.stream().map(Line::json).toList());
    String late = "{\"key\":\"k0\",\"token\":\"cat\",\"timestamp\":1,\"seq\":900000}";
    boolean hasLate = order.equals("timestamp");
    if (hasLate) {
      lines.add(late);
    }
    Files.write(directory.resolve("in.jsonl"), lines);
    SequentialReference reference = new SequentialReference(RnnModel.load(model));
    sent.forEach(line -> reference.accept(line.json().getBytes(UTF_8)));

    long duplicates = run(job(order, parallelism));

    List<String> predictions = Files.readAllLines(directory.resolve("out.jsonl"));
    List<String> rejected = Files.readAllLines(directory.resolve("rejected.jsonl"));
    assertThat(byKey(predictions).equals(reference.byKey())).isTrue();
    assertThat(rejected).hasSize(hasLate ? 1 : 0);
    if (hasLate) {
      assertThat(rejected.get(0)).startsWith("{\"reason\":\"late\"").contains("\"offset\":");
    }
    assertThat(duplicates).isEqualTo(arriving.size() - sent.size()).isGreaterThan(1000);
    assertThat(predictions.size() + rejected.size() + duplicates).isEqualTo(lines.size());
  }

  /** Numbered sequences with gaps. Now and then a token ends one. */
  private static List<Line> sent(Random random) {
    List<Line> sent = new ArrayList<>();
    int[] seq = new int[KEYS];
    for (int i = 0; i < TOKENS; i++) {
      int key = random.nextInt(KEYS);
      int number = seq[key]++;
      String end = random.nextInt(50) == 0 ? ",\"end\":true" : "";
      if (number > 0 && random.nextInt(100) == 0) {
        continue; // lost
      }
      String json =
          ("{\"key\":\"k" + key + "\",\"token\":\"" + WORDS[random.nextInt(WORDS.length)])
              + ("\",\"seq\":" + number + ",\"timestamp\":" + (1_000_000 + 10L * i))
              + (end + "}");
      sent.add(new Line("k" + key, i, json));
    }
    return sent;
  }

  /** None is more than {@code places} places late. One in ten arrives twice. */
  private static List<Line> arriving(List<Line> sent, int places, Random random) {
    List<Line> arriving = new ArrayList<>();
    for (Line line : sent) {
      double place = line.place() + random.nextDouble() * places;
      arriving.add(new Line(line.key(), place, line.json()));
      if (random.nextInt(10) == 0) {
        arriving.add(new Line(line.key(), place + 5, line.json()));
      }
    }
    arriving.sort(Comparator.comparingDouble(Line::place));
    return arriving;
  }

  private JobFile job(String order, int parallelism) throws Exception {
    String options =
        switch (order) {
          case "timestamp" -> ", max_out_of_orderness: 5s, max_buffered: 10000";
          case "seq" -> ", max_wait: 1h, max_buffered: 10000, first_seq: 0";
          default -> "";
        };
    Files.writeString(
        directory.resolve("job.yaml"),
        "name: order\n"
            + "model: model\n"
            + "source: {type: file, path: in.jsonl}\n"
            + "sink: {type: file, path: out.jsonl}\n"
            + "dead_letters: {type: file, path: rejected.jsonl}\n"
            + ("sequence: {order: " + order + ", deduplicate: seq" + options + "}\n")
            + "output: {fields: [token, label, prediction]}\n"
            + "flink:\n"
            + ("  parallelism.default: " + parallelism + "\n")
            + "  execution.checkpointing.interval: 20ms\n"
            + "  restart-strategy.type: fixed-delay\n"
            + "  restart-strategy.fixed-delay.attempts: 1\n"
            + "  restart-strategy.fixed-delay.delay: 0s\n");
    return JobFileReader.read(directory.resolve("job.yaml").toString(), List.of(), name -> null);
  }

  /** Runs the job with a failure after its source. Returns how many duplicates it dropped. */
  private static long run(JobFile job) throws Exception {
    FailingOnce.reset();
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.connect(
        Endpoints.records(env, job)
            .map(new FailingOnce())
            .returns(TypeInformation.of(SourceRecord.class))
            .uid("failure"),
        job);
    Map<String, Object> counts = env.execute(job.name()).getAllAccumulatorResults();
    assertThat(FailingOnce.FAILURES).hasValue(1);
    return counts.get("duplicates") instanceof Long count ? count : 0;
  }

  private static Map<String, List<String>> byKey(List<String> predictions) {
    Map<String, List<String>> byKey = new LinkedHashMap<>();
    for (String line : predictions) {
      String key = line.substring("{\"key\":\"".length(), line.indexOf('"', 9));
      byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(line);
    }
    return byKey;
  }
}
