package io.github.flinkrnn.bench;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * The time that a topic full of tokens takes to pass through a job, with exactly-once. It is read
 * from the predictions, because the broker stamps each when it receives it. The first third is the
 * start and the warm-up of the job.
 */
final class TopicPass {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int WARM_UP_PART = 3;

  private final TopicClients clients;
  private final KafkaJob jobs;
  private final LocalFlink flink;
  private final String tokens;
  private final int count;

  TopicPass(TopicClients clients, KafkaJob jobs, LocalFlink flink, String tokens, int count) {
    this.clients = clients;
    this.jobs = jobs;
    this.flink = flink;
    this.tokens = tokens;
    this.count = count;
  }

  /** Fills the topic. */
  void fill(TokenJson json) throws Exception {
    clients.create(tokens);
    try (TopicSender sender = clients.sender(tokens, 5)) {
      for (int i = 0; i < count; i++) {
        sender.send(json.record(i, i));
      }
    }
  }

  /**
   * Returns tokens per second.
   *
   * @param deadLetters whether the job has a topic for dead letters
   * @param settings options of the job, each as {@code FIELD=VALUE}
   */
  double run(
      String name,
      boolean deadLetters,
      List<String> settings,
      Optional<KeyedProcessFunction<String, Token, Prediction>> replacement)
      throws Exception {
    clients.create(name);
    Optional<String> rejected = deadLetters ? Optional.of(name + "-rejected") : Optional.empty();
    if (deadLetters) {
      clients.create(rejected.get());
    }
    JobID job =
        jobs.start(
            name,
            tokens,
            name,
            true,
            DeliveryGuarantee.EXACTLY_ONCE,
            rejected,
            settings,
            replacement);
    flink.result(job).get().toJobExecutionResult(TopicPass.class.getClassLoader());
    return rate(name);
  }

  private double rate(String topic) {
    int warmUp = count / WARM_UP_PART;
    long begin = 0;
    long end = 0;
    int seen = 0;
    long patience = System.nanoTime() + PATIENCE.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer(topic, true)) {
      while (seen < count && System.nanoTime() < patience) {
        for (ConsumerRecord<byte[], byte[]> prediction : consumer.poll(Duration.ofMillis(100))) {
          end = prediction.timestamp();
          begin = ++seen == warmUp ? end : begin;
        }
      }
      if (seen != count || !consumer.poll(Duration.ofMillis(100)).isEmpty()) {
        throw new IllegalStateException(
            topic + ": " + seen + " committed predictions of " + count + " tokens, or more");
      }
    }
    return (count - warmUp) * 1000.0 / (end - begin);
  }
}
