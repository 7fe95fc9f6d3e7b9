/** Kafka topics as sources and sinks. */
package io.github.flinkrnn.kafka;
