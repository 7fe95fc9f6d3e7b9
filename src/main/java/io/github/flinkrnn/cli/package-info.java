/** What jobs/run.sh runs in its own process: a Flink, a Kafka broker, and the commands. */
package io.github.flinkrnn.cli;
