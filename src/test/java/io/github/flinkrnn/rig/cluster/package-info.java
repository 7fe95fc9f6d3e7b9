/** A cluster of processes: ZooKeeper, a Kafka broker, a JobManager and TaskManagers, each a JVM. */
package io.github.flinkrnn.rig.cluster;
