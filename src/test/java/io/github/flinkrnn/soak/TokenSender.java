package io.github.flinkrnn.soak;

import io.github.flinkrnn.faults.Topics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends all tokens, never far ahead of the job: a sender that was done early would leave the job
 * more of the processors in later tenths than in earlier ones.
 */
final class TokenSender implements AutoCloseable {
  /** Tokens that the job may be behind, some seconds of them. */
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

  /** How many tokens the job has taken by now. */
  void taken(long count) {
    taken = count;
  }

  private void send() {
    try {
      long begin = System.nanoTime();
      long sent = 0;
      for (int pass = 0; pass < options.passes(); pass++) {
        for (int key : tokens.order(pass)) {
          if (sent == options.tokens()) {
            break;
          }
          while (isEarly(sent, begin)) {
            if (stopped) {
              return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
          }
          var unused =
              producer.send(
                  new ProducerRecord<>(
                      Topics.TOKENS, tokens.key(key), tokens.record(key, pass + 1)),
                  (place, e) -> {
                    if (e != null) {
                      failure.compareAndSet(null, e);
                    }
                  });
          sent++;
        }
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
   * @throws IllegalStateException when the broker did not take a token: then nothing is known
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
