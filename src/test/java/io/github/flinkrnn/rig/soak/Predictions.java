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

/** Counts all committed predictions, and compares those of some keys bit for bit. */
final class Predictions {
  private static final Duration POLL = Duration.ofMillis(200);

  private final SoakOptions options;
  private final SoakTokens tokens;
  private final Map<Integer, byte[][]> expected = new HashMap<>();
  private final Tally tally;

  /**
   * Computes the steps of the sampled keys, one after the other without Flink.
   *
   * @param compared the number of keys
   */
  Predictions(SoakOptions options, SoakTokens tokens, RnnModel model, int compared) {
    this.options = options;
    this.tokens = tokens;
    this.tally = new Tally(tokens.counts(options.tokens()));
    Reference reference = new Reference(model);
    for (int key : tokens.sample(compared)) {
      String name = new String(tokens.key(key), US_ASCII);
      byte[][] predictions = new byte[options.passes()][];
      for (int seq = 1; seq <= predictions.length; seq++) {
        predictions[seq - 1] = reference.step(name, tokens.word(key, seq), seq, false);
      }
      expected.put(key, predictions);
    }
  }

  /** How many keys are compared bit for bit. */
  int compared() {
    return expected.size();
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
    return tally.counts();
  }

  void see(byte[] key, byte[] prediction) {
    int number = tokens.number(key);
    long seq = Ledger.seq(prediction);
    tally.see(number, seq);
    byte[][] ofKey = expected.get(number);
    if (ofKey != null && seq >= 1 && seq <= options.passes()) {
      if (!Arrays.equals(ofKey[(int) seq - 1], prediction)) {
        tally.differs();
      }
    }
  }
}
