package io.github.flinkrnn.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Latency at a steady load: from the time at which a token was due to be sent, which is its seq, to
 * the time at which a reader has its prediction. If the sender falls behind, latencies become
 * longer, not fewer.
 */
final class PacedLoad {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TopicClients clients;
  private final TokenJson json;
  private final double perSecond;
  private final int warmUp;
  private final int count;

  /**
   * @param warmUpSeconds the time at the beginning that is not measured
   */
  PacedLoad(
      TopicClients clients,
      TokenJson json,
      double perSecond,
      double warmUpSeconds,
      double seconds) {
    this.clients = clients;
    this.json = json;
    this.perSecond = perSecond;
    this.warmUp = (int) (perSecond * warmUpSeconds);
    this.count = warmUp + (int) (perSecond * seconds);
  }

  /**
   * Returns latencies in milliseconds.
   *
   * @param job a job that reads {@code from} and writes {@code to}; it keeps running
   */
  double[] run(JobID job, LocalFlink flink, String from, String to, boolean committedOnly)
      throws Exception {
    long begin = System.nanoTime() + Duration.ofMillis(500).toNanos();
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(from, begin));
    double[] millis = new double[count - warmUp];
    int seen = 0;
    long patience = begin + (long) (count / perSecond * 1e9) + PATIENCE.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer(to, committedOnly)) {
      while (seen < count) {
        for (ConsumerRecord<byte[], byte[]> prediction : consumer.poll(Duration.ofMillis(50))) {
          if (seen >= warmUp && seen < count) {
            long due = begin + TokenJson.seq(prediction.value());
            millis[seen - warmUp] = (System.nanoTime() - due) / 1e6;
          }
          seen++;
        }
        if (sent.isCompletedExceptionally() || flink.result(job).isDone()) {
          sent.getNow(null);
          throw new IllegalStateException("the job ended under load");
        }
        if (System.nanoTime() > patience) {
          throw new IllegalStateException(
              to + ": " + seen + " predictions of " + count + " tokens, after a long wait");
        }
      }
    }
    sent.get();
    return millis;
  }

  private void send(String topic, long begin) {
    try (TopicSender sender = clients.sender(topic, 0)) {
      for (int i = 0; i < count; i++) {
        long due = (long) (i / perSecond * 1e9);
        long early = begin + due - System.nanoTime();
        while (early > 0) {
          LockSupport.parkNanos(early);
          early = begin + due - System.nanoTime();
        }
        sender.send(json.record(i, due));
      }
    }
  }

  /** The 50th, 99th and 99.9th percentiles. */
  static double[] quantiles(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return new double[] {
      Medians.quantile(sorted, 0.5), Medians.quantile(sorted, 0.99), Medians.quantile(sorted, 0.999)
    };
  }
}
