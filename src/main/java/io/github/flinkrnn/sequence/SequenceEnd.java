package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.PublicEvolving;

/**
 * The end of a sequence.
 *
 * @param key the sequence key
 * @param t the number of steps in the sequence
 * @param why the reason, as in metrics and records: {@code end}, {@code idle-timeout}
 * @param time the Kafka timestamp of the record of the last token, in epoch milliseconds; null if
 *     unknown
 * @param keyed whether the key is made of the bytes of the key of the last token's Kafka record, as
 *     {@link SourceRecord#isKeyed}
 */
@PublicEvolving
public record SequenceEnd(String key, long t, String why, Long time, boolean keyed) {
  /**
   * The end of a sequence whose key is a string.
   *
   * @param key the sequence key
   * @param t the number of steps in the sequence
   * @param why the reason
   * @param time the Kafka timestamp of the record of the last token, or null
   */
  public SequenceEnd(String key, long t, String why, Long time) {
    this(key, t, why, time, false);
  }
}
