/** Kafka topics as the ends of a job. */
package io.github.flinkrnn.kafka;
