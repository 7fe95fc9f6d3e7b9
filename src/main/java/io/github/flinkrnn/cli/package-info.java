/** The commands of jobs/run.sh, and the Flink and the Kafka broker that it runs in its process. */
package io.github.flinkrnn.cli;
