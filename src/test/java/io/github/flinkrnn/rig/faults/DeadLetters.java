package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Compares the invalid records that were sent, by their positions, with the dead letters. */
final class DeadLetters implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Pattern PLACE = Pattern.compile("\"partition\":(\\d+),\"offset\":(\\d+)");

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<String> expected = new ArrayList<>();
  private final Map<String, Integer> seen = new TreeMap<>();
  private Counts settled = Counts.NONE;

  DeadLetters(Topics topics) {
    consumer = topics.committed(Topics.REJECTED);
  }

  /** An invalid record was sent to this position. */
  void expect(RecordMetadata place) {
    expected.add(place.partition() + "/" + place.offset());
  }

  /** Reads the committed records. Waits at most this long while some are missing. */
  Counts read(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    do {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        String letter = record.value() == null ? "" : new String(record.value(), UTF_8);
        Matcher place = PLACE.matcher(letter);
        seen.merge(place.find() ? place.group(1) + "/" + place.group(2) : "none", 1, Integer::sum);
      }
    } while (!seen.keySet().containsAll(expected) && System.nanoTime() < deadline);
    long lost = expected.stream().filter(place -> !seen.containsKey(place)).count();
    long duplicated = seen.values().stream().mapToLong(times -> times - 1).sum();
    long different = seen.keySet().stream().filter(place -> !expected.contains(place)).count();
    return settled.plus(new Counts(lost, duplicated, 0, different));
  }

  /**
   * Reads all expected dead letters, and forgets them, so that later records may have the positions
   * of earlier ones.
   */
  void settle(Duration patience) {
    settled = read(patience);
    expected.clear();
    seen.clear();
  }

  /** Continues with the first record: the topic was created again. */
  void readFromBeginning() {
    consumer.seekToBeginning(consumer.assignment());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
