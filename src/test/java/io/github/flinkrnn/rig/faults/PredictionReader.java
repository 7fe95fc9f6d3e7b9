package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A read_committed consumer of the predictions, which adds each to the ledger as it arrives. */
final class PredictionReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Topics topics;
  private final Ledger ledger;
  private final Thread thread = new Thread(this::read, "predictions");
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private volatile boolean stopped;

  PredictionReader(Topics topics, Ledger ledger) {
    this.topics = topics;
    this.ledger = ledger;
  }

  void start() {
    thread.start();
  }

  private void read() {
    try (KafkaConsumer<byte[], byte[]> consumer = topics.committed(Topics.PREDICTIONS)) {
      while (!stopped) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          ledger.see(record);
        }
      }
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  /**
   * @throws IllegalStateException if the consumer failed
   */
  void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("the consumer failed", failure.get());
    }
  }

  /**
   * Reads the complete topic again when no token is outstanding, with a consumer that has seen no
   * fault.
   *
   * @return what is wrong with it; if a key has as many predictions as tokens but they differ from
   *     the reference, it counts as one different prediction
   */
  Counts readAgain() {
    Map<String, Long> counts = new HashMap<>();
    Map<String, MessageDigest> digests = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = topics.committed(Topics.PREDICTIONS)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      while (ends.keySet().stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          String key = record.key() == null ? "" : new String(record.key(), UTF_8);
          counts.merge(key, 1L, Long::sum);
          if (record.value() != null) { // a tombstone counts as one prediction too many
            digests.computeIfAbsent(key, k -> Ledger.digest()).update(record.value());
          }
        }
      }
    }
    Counts wrong = Counts.NONE;
    Map<String, byte[]> expected = ledger.digests();
    for (Map.Entry<String, Long> key : ledger.expected().entrySet()) {
      long more = counts.getOrDefault(key.getKey(), 0L) - key.getValue();
      MessageDigest digest = digests.getOrDefault(key.getKey(), Ledger.digest());
      boolean same = Arrays.equals(digest.digest(), expected.get(key.getKey()));
      wrong =
          wrong.plus(
              new Counts(Math.max(0, -more), Math.max(0, more), 0, more == 0 && !same ? 1 : 0));
    }
    return wrong;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
