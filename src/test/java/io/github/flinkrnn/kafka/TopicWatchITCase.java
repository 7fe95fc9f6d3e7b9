package io.github.flinkrnn.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real broker. It refuses to describe an invalid name, as it does without a permission. */
class TopicWatchITCase {
  private static final String REFUSED = "a name";

  @TempDir private Path directory;

  @Test
  void oneTopicThatCannotBeDescribedDoesNotHideTheOthers() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory);
        CapturedLog log = CapturedLog.ofTopicWatch();
        TopicWatch watch =
            new TopicWatch(
                new SourceTopics.Named(List.of(REFUSED, "gone", "there"), true),
                Map.of("bootstrap.servers", kafka.address()),
                "it is read anew")) {
      kafka.createTopics(1, "there");
      watch.look();
      assertThat(watch.missing()).isEqualTo(1);
      watch.look();
      assertThat(log.messages(Level.WARN))
          .hasSize(2)
          .anyMatch(line -> line.startsWith("Topic a name is not watched: "))
          .contains("Topic gone does not exist");
      kafka.createTopics(1, "gone");
      watch.look();
      assertThat(watch.missing()).isZero();
    }
  }
}
