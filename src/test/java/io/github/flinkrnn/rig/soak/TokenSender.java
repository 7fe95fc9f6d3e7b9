package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.rig.faults.Topics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends all tokens, but never far ahead of the job. If the sender finished early, the job would
 * have more of the processors in later tenths than in earlier ones.
 */
final class TokenSender implements AutoCloseable {
  /** The maximum number of tokens by which the job may be behind, which is some seconds. */
  private static final long LEAD = 300_000;

  private static final Duration PAUSE = Duration.ofMillis(5);

  private final SoakOptions options;
  private final SoakTokens tokens;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Thread thread = new Thread(this::send, "tokens");
  private volatile long taken;
  private volatile boolean stopped;

  TokenSender(Topics topics, SoakOptions options, SoakTokens tokens) {
    this.options = options;
    this.tokens = tokens;
    this.producer = topics.producer();
  }

  void start() {
    thread.start();
  }

  /** Sets how many tokens the job has taken so far. */
  void taken(long count) {
    taken = count;
  }

  private void send() {
    try {
      long begin = System.nanoTime();
      IntSupplier next = options.order().start();
      int[] seqs = new int[options.keys()];
      for (long sent = 0; sent < options.tokens(); sent++) {
        while (isEarly(sent, begin)) {
          if (stopped) {
            return;
          }
          LockSupport.parkNanos(PAUSE.toNanos());
        }
        int key = next.getAsInt();
        var unused =
            producer.send(
                new ProducerRecord<>(
                    Topics.TOKENS, tokens.key(key), tokens.record(key, ++seqs[key])),
                (place, e) -> {
                  if (e != null) {
                    failure.compareAndSet(null, e);
                  }
                });
      }
      producer.flush();
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private boolean isEarly(long sent, long begin) {
    if (sent - taken >= LEAD) {
      return true;
    }
    return options.rate() > 0 && (double) sent / options.rate() * 1e9 > System.nanoTime() - begin;
  }

  /**
   * @throws IllegalStateException if the broker did not accept a token, because the outcome is then
   *     unknown
   */
  void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("the sender failed", failure.get());
    }
  }

  @Override
  public void close() {
    stopped = true;
    producer.close(Duration.ZERO);
  }
}
