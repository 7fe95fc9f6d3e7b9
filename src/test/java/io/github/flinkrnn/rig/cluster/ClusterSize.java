package io.github.flinkrnn.rig.cluster;

import java.util.Map;
import java.util.TreeMap;

/**
 * The number of TaskManagers, and their options.
 *
 * @param taskManagers how many
 * @param options Flink options besides the deployed ones: memory, and others that a suite needs
 */
public record ClusterSize(int taskManagers, Map<String, String> options) {
  /** Two TaskManagers that leave memory to other processes on the machine. */
  public static final ClusterSize SMALL =
      new ClusterSize(
          2,
          Map.of(
              "taskmanager.memory.process.size", "1152m",
              "taskmanager.memory.managed.size", "64m",
              "taskmanager.memory.network.min", "64m",
              "taskmanager.memory.network.max", "64m"));

  public ClusterSize {
    options = new TreeMap<>(options);
  }
}
