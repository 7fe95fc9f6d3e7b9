package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.kafka.TopicClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --feed} on a broker without a job. {@link SecretsITCase} tests it with a job. */
class FeedITCase {
  private static final Path SAMPLE = Path.of("jobs/name-tagging/tokens.jsonl");

  @TempDir private Path directory;
  private EmbeddedKafka kafka;

  @BeforeEach
  void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")));
    kafka.createTopics(1, "tokens", "predictions", "rejected");
  }

  @AfterEach
  void stopBroker() {
    kafka.close();
  }

  @Test
  void aJobThatDoesNotAnswerIsOneLine() throws Exception {
    try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
      topics.write("predictions", List.of(Map.entry("old", "old".getBytes(UTF_8))));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      FeedCommand feed =
          new FeedCommand(
              job(), SAMPLE, Duration.ofSeconds(1), new Console(new PrintStream(err), false));

      assertThatThrownBy(() -> feed.run(new PrintStream(out)))
          .isInstanceOf(FailedJobException.class)
          .hasMessage(
              "0 predictions and 0 dead letters arrived for 53 lines, and none for 1 s:"
                  + " is the job running, with checkpoints?");
      assertThat(out.toString(UTF_8)).isEmpty();
      assertThat(err.toString(UTF_8))
          .startsWith("fed      53 lines of jobs/name-tagging/tokens.jsonl to topic tokens");
    }
    try (TopicClient topics = new TopicClient(kafka.address(), "tokens")) {
      assertThat(topics.readToEnd())
          .extracting(record -> new String(record.value(), UTF_8))
          .isEqualTo(Files.readAllLines(SAMPLE));
    }
  }

  @Test
  void aJobThatDoesNotAnswerEachLineIsWaitedForUntilItIsSilent() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(new PrintStream(err), false);

    new FeedCommand(job("output.emit=last"), SAMPLE, Duration.ofSeconds(1), console)
        .run(System.err);

    assertThat(err.toString(UTF_8)).contains("done     0 predictions, 0 rejected, ");
  }

  /** A record from another writer of the topic must not control the terminal. */
  @Test
  void recordsOfOtherWritersAreEscapedLines() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Map.Entry<String, byte[]>> records = new ArrayList<>();
    records.add(
        Map.entry("k", "{\"token\":\"a\u009b2J\u202e\u007f\u00e9\",\t\"t\":1}".getBytes(UTF_8)));
    records.add(Map.entry("k", "\u001b[2J\nsecond line".getBytes(UTF_8)));
    records.add(new AbstractMap.SimpleEntry<>("k", null));
    records.add(Map.entry("k", new byte[] {'x', (byte) 0x9b, 'y'}));
    try (TopicClient topics = new TopicClient(kafka.address(), "predictions");
        TopicPrinter printer =
            TopicPrinter.fromBeginning(
                Map.of("bootstrap.servers", kafka.address()),
                Optional.of("predictions"),
                new PrintStream(out))) {
      topics.write("predictions", records);
      printer.printToEnd();
    }

    assertThat(out.toString(UTF_8).lines())
        .containsExactly(
            "{\"token\":\"a\\u009B2J\\u202E\\u007Fé\",\t\"t\":1}",
            "\\u001B[2J\\nsecond line",
            "",
            "x\ufffdy");
  }

  /** A transactional sink cannot write to a topic that the broker would create. */
  @Test
  void exactlyOnceNeedsTheTopicOfASink() {
    assertThatThrownBy(() -> JobValidator.validateTopics(job("sink.topic=absent")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageEndingWith(
            "job.yaml: sink.topic: topic 'absent' does not exist at " + kafka.address());
    JobValidator.validateTopics(job("sink.topic=absent", "sink.delivery=at-least-once"));
  }

  private JobFile job(String... overrides) {
    Map<String, String> environment = Map.of("KAFKA", kafka.address());
    return JobFileReader.read("jobs/name-tagging/job.yaml", List.of(overrides), environment::get);
  }
}
