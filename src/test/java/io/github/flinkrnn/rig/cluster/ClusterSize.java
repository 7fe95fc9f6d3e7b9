package io.github.flinkrnn.rig.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The number of TaskManagers, and what all of Flink's processes are started with.
 *
 * @param taskManagers how many
 * @param options Flink options besides the deployed ones: memory, and others that a suite needs
 * @param jvm arguments of the JVMs
 * @param libraries jars besides Flink's own
 */
public record ClusterSize(
    int taskManagers, Map<String, String> options, List<String> jvm, List<Path> libraries) {
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

  /** Without further arguments and jars. */
  public ClusterSize(int taskManagers, Map<String, String> options) {
    this(taskManagers, options, List.of(), List.of());
  }
}
