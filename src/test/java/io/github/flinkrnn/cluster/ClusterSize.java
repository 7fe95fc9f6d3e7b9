package io.github.flinkrnn.cluster;

import java.util.Map;
import java.util.TreeMap;

/**
 * How many TaskManagers there are, and what each gets.
 *
 * @param taskManagers how many
 * @param options of Flink, beside what is deployed: memory, and what else a suite needs of its own
 */
public record ClusterSize(int taskManagers, Map<String, String> options) {
  /** Two TaskManagers that leave memory to what else runs on the machine. */
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
