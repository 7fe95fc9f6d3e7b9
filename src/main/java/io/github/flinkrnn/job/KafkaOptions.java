package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Nearest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The names of the options of Kafka's clients and of Flink's connector. Kafka ignores any other
 * name, because a plug-in may have options of its own.
 */
final class KafkaOptions {
  private static final int MISTYPED = 2;

  /** Of short names, many are similar by chance. */
  private static final int LETTERS_FOR_EACH = 4;

  private static final List<String> OF_FLINK =
      List.of(
          "client.id.prefix",
          "commit.offsets.on.checkpoint",
          "flink.disable-metrics",
          "partition.discovery.interval.ms",
          "register.consumer.metrics",
          "register.producer.metrics");

  private final Set<String> names = new TreeSet<>(OF_FLINK);

  KafkaOptions() {
    names.addAll(ConsumerConfig.configNames());
    names.addAll(ProducerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
  }

  /** A warning for a name that is nearly one of the options. */
  Optional<String> suspicion(String name) {
    int edits = Math.min(MISTYPED, name.length() / LETTERS_FOR_EACH);
    return names.contains(name)
        ? Optional.empty()
        : Nearest.within(edits, name, names)
            .map(near -> "unknown Kafka option (did you mean " + near + "?)");
  }
}
