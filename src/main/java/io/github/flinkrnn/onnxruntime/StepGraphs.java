package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.network.Network;
import org.apache.flink.annotation.Internal;

/** The entry to ONNX Runtime. Refers to none of its classes, because its JAR is optional. */
@Internal
public final class StepGraphs {
  /** The artifact to add for step graphs. A test compares its version with that of the build. */
  static final String ARTIFACT = "com.microsoft.onnxruntime:onnxruntime:1.29.0";

  private StepGraphs() {}

  /**
   * Loads the graph and checks its first step.
   *
   * @throws InvalidFileException when ONNX Runtime is absent or cannot run the graph, or when the
   *     outputs of a step do not fit the states
   */
  public static Network load(StepGraph graph) {
    try {
      Class.forName("ai.onnxruntime.OrtEnvironment", false, StepGraphs.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new InvalidFileException(
          graph.file(),
          "",
          "missing: expected ONNX Runtime for a step graph: put "
              + ARTIFACT
              + " on the class path (on a cluster, in Flink's lib folder)");
    }
    return OnnxRuntimeNetwork.load(graph);
  }
}
