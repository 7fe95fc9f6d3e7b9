package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.PublicEvolving;

/**
 * That a sequence came to its end.
 *
 * @param key the sequence
 * @param t the steps that it had
 * @param why as metrics and records spell it: {@code end}, {@code idle-timeout}
 * @param time the Kafka timestamp of the record that its last token came from, epoch milliseconds;
 *     null where it is not known
 */
@PublicEvolving
public record SequenceEnd(String key, long t, String why, Long time) {}
