package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Compares the predictions that arrive with those that are expected. Memory use depends only on
 * outstanding and lost tokens: for the rest, one digest per key is kept. Thread-safe.
 */
public final class Ledger {
  private static final String SEQ = "\"seq\":";
  private static final String PROVISIONAL = "\"final\":false";

  private static final class Sequence {
    private final Map<String, Long> places = new HashMap<>(); // of those that have not arrived
    private final Deque<byte[]> outstanding = new ArrayDeque<>();
    private final NavigableMap<Long, byte[]> skipped = new TreeMap<>();
    private final NavigableMap<Long, byte[]> after = new TreeMap<>(); // arrived after a skipped one
    private final MessageDigest expected = digest(); // of what is before the first skipped one
    private long next = 1; // the place of the first outstanding prediction
    private long tokens; // the largest seq
    private long excused;

    long sent() {
      return next - 1 + outstanding.size();
    }

    /** Takes the prediction at a place, which arrived, into the digest, or keeps it. */
    void arrived(long place, byte[] prediction) {
      after.put(place, prediction);
      take(after, expected);
    }

    private void take(NavigableMap<Long, byte[]> arrived, MessageDigest digest) {
      while (!arrived.isEmpty() && (skipped.isEmpty() || arrived.firstKey() < skipped.firstKey())) {
        digest.update(arrived.pollFirstEntry().getValue());
      }
    }

    /** A digest of all expected predictions that are not excused. */
    MessageDigest whole() {
      try {
        MessageDigest whole = (MessageDigest) expected.clone();
        NavigableMap<Long, byte[]> rest = new TreeMap<>(after);
        rest.putAll(skipped);
        rest.values().forEach(whole::update);
        outstanding.forEach(whole::update);
        return whole;
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final Map<String, Sequence> sequences = new HashMap<>();
  private long duplicated;
  private long outOfOrder;
  private long different;

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Adds the next prediction of a key. The seq of a token is one more than that of the token before
   * it. A token may have a provisional prediction and a final one.
   */
  synchronized void expect(String key, byte[] prediction) {
    Sequence sequence = sequences.computeIfAbsent(key, k -> new Sequence());
    sequence.outstanding.add(prediction);
    sequence.places.put(name(prediction), sequence.sent());
    sequence.tokens = Math.max(sequence.tokens, seq(prediction));
  }

  /** What distinguishes a prediction from the others of its key. */
  private static String name(byte[] prediction) {
    boolean isProvisional =
        prediction != null && new String(prediction, UTF_8).contains(PROVISIONAL);
    return seq(prediction) + (isProvisional ? " provisional" : "");
  }

  /**
   * Adds a record that arrived. A tombstone, or a record without a key, is not the prediction of a
   * token.
   */
  void see(ConsumerRecord<byte[], byte[]> record) {
    see(record.key() == null ? null : new String(record.key(), UTF_8), record.value());
  }

  /** Adds a prediction that arrived. */
  synchronized void see(String key, byte[] prediction) {
    Sequence sequence = sequences.get(key);
    long seq = seq(prediction);
    Long place = sequence == null ? null : sequence.places.remove(name(prediction));
    if (sequence == null || seq < 1 || seq > sequence.tokens) {
      different++; // not the prediction of a token that was sent
    } else if (place == null) {
      duplicated++;
    } else if (place >= sequence.next) {
      while (sequence.next < place) {
        sequence.skipped.put(sequence.next++, sequence.outstanding.remove());
      }
      sequence.next++;
      byte[] expected = sequence.outstanding.remove();
      compare(expected, prediction);
      sequence.arrived(place, expected);
    } else {
      outOfOrder++;
      byte[] expected = sequence.skipped.remove(place);
      compare(expected, prediction);
      sequence.arrived(place, expected);
    }
    notifyAll();
  }

  private void compare(byte[] expected, byte[] prediction) {
    if (!Arrays.equals(expected, prediction)) {
      different++;
    }
  }

  /** The seq in a prediction record; 0 if it has none or is a tombstone (null). */
  public static long seq(byte[] prediction) {
    if (prediction == null) {
      return 0;
    }
    String json = new String(prediction, UTF_8);
    int from = json.lastIndexOf(SEQ) + SEQ.length();
    int to = from;
    while (to < json.length() && Character.isDigit(json.charAt(to))) {
      to++;
    }
    return from < SEQ.length() || to == from || to - from > 18
        ? 0
        : Long.parseLong(json.substring(from, to));
  }

  /** How many predictions of each key are expected so far. */
  synchronized Map<String, Long> mark() {
    Map<String, Long> mark = new HashMap<>();
    sequences.forEach((key, sequence) -> mark.put(key, sequence.sent()));
    return mark;
  }

  /**
   * Waits until no prediction up to a mark is outstanding: it, or a later one of its key, has
   * arrived.
   *
   * @return how many are still outstanding at the end
   */
  synchronized long await(Map<String, Long> mark, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long left = outstanding(mark);
    long nanos = patience.toNanos();
    while (left > 0 && nanos > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(100)));
      left = outstanding(mark);
      nanos = deadline - System.nanoTime();
    }
    return left;
  }

  private long outstanding(Map<String, Long> mark) {
    long outstanding = 0;
    for (Map.Entry<String, Long> key : mark.entrySet()) {
      outstanding += Math.max(0, key.getValue() - (sequences.get(key.getKey()).next - 1));
    }
    return outstanding;
  }

  synchronized Counts counts() {
    long lost = sequences.values().stream().mapToLong(s -> s.skipped.size()).sum();
    long excused = sequences.values().stream().mapToLong(s -> s.excused).sum();
    return new Counts(lost, excused, 0, duplicated, outOfOrder, different);
  }

  /**
   * Takes a lost prediction as one that is said to be lost.
   *
   * @param prediction the record that is in an aborted transaction
   * @return whether this prediction is lost
   */
  synchronized boolean excuse(String key, byte[] prediction) {
    Sequence sequence = sequences.get(key);
    Long place = sequence == null ? null : sequence.places.get(name(prediction));
    if (place == null || !Arrays.equals(sequence.skipped.get(place), prediction)) {
      return false;
    }
    sequence.places.remove(name(prediction));
    sequence.skipped.remove(place);
    sequence.excused++;
    sequence.take(sequence.after, sequence.expected);
    return true;
  }

  /** How many predictions of each key are expected, without those that are said to be lost. */
  synchronized Map<String, Long> expected() {
    Map<String, Long> expected = new HashMap<>();
    sequences.forEach((key, sequence) -> expected.put(key, sequence.sent() - sequence.excused));
    return expected;
  }

  /** A digest of the expected predictions of each key, in order, without those said to be lost. */
  synchronized Map<String, byte[]> digests() {
    Map<String, byte[]> digests = new HashMap<>();
    for (Map.Entry<String, Sequence> key : sequences.entrySet()) {
      digests.put(key.getKey(), key.getValue().whole().digest());
    }
    return digests;
  }
}
