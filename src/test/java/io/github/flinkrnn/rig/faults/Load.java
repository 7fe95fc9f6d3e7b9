package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A steady, seeded stream of tokens, with the expected prediction of each. A sender that was
 * delayed catches up.
 */
final class Load implements AutoCloseable {
  private static final String[] WORDS = {
    "Mr.", "Watson", "said", "the", "London", "bears", "zzyzx", ",", "1863", "a", "Holmes", "of"
  };

  /** One token in this many is the last one of its sequence. */
  private static final int TOKENS_AN_END = 200;

  private static final long PAUSE_NANOS = 10_000_000;

  private final Ledger ledger;
  private final Random random;
  private final int keys;
  private final double perSecond;
  private final ExpectedPredictions expected;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Thread thread = new Thread(this::send, "load");
  private volatile boolean stopped;
  private volatile boolean paused;
  private volatile long begin;
  private final AtomicLong sent = new AtomicLong();

  /**
   * @param keys the number of sequences to which the tokens are distributed
   * @param perSecond tokens per second
   */
  Load(
      Topics topics,
      Ledger ledger,
      ExpectedPredictions expected,
      long seed,
      int keys,
      double perSecond) {
    this.ledger = ledger;
    this.expected = expected;
    this.random = new Random(seed);
    this.keys = keys;
    this.perSecond = perSecond;
    this.producer = topics.producer();
  }

  void start() {
    thread.start();
  }

  private void send() {
    try {
      long[] seqs = new long[keys];
      begin = System.nanoTime();
      while (!stopped) {
        if (paused) {
          LockSupport.parkNanos(PAUSE_NANOS);
          continue;
        }
        long early = begin + (long) (sent.get() / perSecond * 1e9) - System.nanoTime();
        if (early > 0) {
          LockSupport.parkNanos(early);
          continue;
        }
        sendOne(seqs);
      }
      producer.flush();
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private synchronized void sendOne(long[] seqs) {
    if (paused) {
      return;
    }
    int number = random.nextInt(keys);
    String key = "k" + number;
    String word = WORDS[random.nextInt(WORDS.length)];
    long seq = ++seqs[number];
    boolean end = random.nextInt(TOKENS_AN_END) == 0;
    expected.of(key, word, seq, end).forEach(record -> ledger.expect(key, record));
    String json =
        "{\"key\":\""
            + key
            + "\",\"token\":\""
            + word
            + "\",\"seq\":"
            + seq
            + (end ? ",\"end\":true}" : "}");
    var unused =
        producer.send(
            new ProducerRecord<>(Topics.TOKENS, key.getBytes(UTF_8), json.getBytes(UTF_8)),
            (place, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
    sent.incrementAndGet();
  }

  /** Stops sending until {@link #resume}. Returns when the broker has all tokens. */
  void pause() {
    paused = true;
    synchronized (this) { // no token is being sent
      producer.flush();
    }
    check();
  }

  /** Continues, without the tokens that would have been sent meanwhile. */
  synchronized void resume() {
    begin = System.nanoTime() - (long) (sent.get() / perSecond * 1e9);
    paused = false;
  }

  /** Sends a record that is not a token, between the tokens. */
  RecordMetadata sendBad(String key, byte[] value) throws InterruptedException {
    Future<RecordMetadata> bad =
        producer.send(new ProducerRecord<>(Topics.TOKENS, key.getBytes(UTF_8), value));
    try {
      return bad.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load failed", e);
    }
  }

  /** The number of tokens so far. */
  long sent() {
    return sent.get();
  }

  /**
   * @throws IllegalStateException if the broker did not accept a token, because the outcome is then
   *     unknown
   */
  void check() {
    if (failure.get() != null) {
      throw new IllegalStateException("the load failed", failure.get());
    }
  }

  /** Stops sending. Returns when the broker has all tokens. */
  void stop() throws InterruptedException {
    stopped = true;
    thread.join();
    check();
  }

  @Override
  public void close() {
    stopped = true;
    producer.close(Duration.ZERO);
  }
}
