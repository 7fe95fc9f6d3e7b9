package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rig.faults.Counts;
import io.github.flinkrnn.rig.faults.Ledger;
import io.github.flinkrnn.rig.faults.Reference;
import io.github.flinkrnn.rig.faults.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts all committed predictions, and compares those of some keys bit for bit with the same steps
 * without Flink.
 */
final class Predictions {
  private static final Duration POLL = Duration.ofMillis(200);

  private final SoakTokens tokens;
  private final Reference reference;
  private final Map<Integer, Integer> stepped = new HashMap<>();
  private final Tally tally;

  /**
   * @param order of the tokens that are sent
   * @param count the number of tokens that are sent
   * @param most the number of keys that are compared, unless fewer have tokens
   */
  Predictions(SoakTokens tokens, KeyOrder order, long count, RnnModel model, int most) {
    this.tokens = tokens;
    this.reference = new Reference(model);
    int[] counts = order.counts(count);
    this.tally = new Tally(counts);
    for (int key : order.sample(most, counts)) {
      stepped.put(key, 0);
    }
  }

  /** How many keys are compared bit for bit. */
  int compared() {
    return stepped.size();
  }

  /** How many keys have tokens. */
  int keys() {
    return tally.keys();
  }

  /** Reads the complete topic. */
  Counts read(Topics topics) {
    try (KafkaConsumer<byte[], byte[]> consumer = topics.committed(Topics.PREDICTIONS)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      while (ends.keySet().stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          see(record.key(), record.value());
        }
      }
    }
    return counts();
  }

  /** The errors, after all predictions have arrived. */
  Counts counts() {
    return tally.counts();
  }

  void see(byte[] key, byte[] prediction) {
    int number = tokens.number(key);
    long seq = Ledger.seq(prediction);
    // What is not in order is an error anyway.
    if (tally.see(number, seq) && stepped.containsKey(number)) {
      if (!Arrays.equals(expected(number, (int) seq), prediction)) {
        tally.differs();
      }
    }
  }

  // Computed only when a prediction arrives, because those of a frequent key need too much memory.
  private byte[] expected(int key, int seq) {
    String name = new String(tokens.key(key), US_ASCII);
    byte[] prediction = null;
    for (int i = stepped.get(key) + 1; i <= seq; i++) {
      prediction = reference.step(name, tokens.word(key, i), i, false);
    }
    stepped.put(key, seq);
    return prediction;
  }
}
