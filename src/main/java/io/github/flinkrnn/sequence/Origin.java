package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.PublicEvolving;

/**
 * The place where a record was read.
 *
 * @param topic the Kafka topic, or the path of a file
 * @param partition the Kafka partition; 0 for a file
 * @param offset the Kafka offset, or the line number in a file, from 0
 */
@PublicEvolving
public record Origin(String topic, int partition, long offset) {}
