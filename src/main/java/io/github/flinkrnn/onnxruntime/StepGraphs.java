package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.network.Network;

/** The way in to ONNX Runtime: names none of its classes, for its jar may not be there. */
public final class StepGraphs {
  /** What a user adds to run step graphs; a test holds the version to the one built with. */
  static final String ARTIFACT = "com.microsoft.onnxruntime:onnxruntime:1.29.0";

  private StepGraphs() {}

  /**
   * Loads the graph and takes a step to see that it can.
   *
   * @param words of the vocabulary; 0 for features
   * @throws InvalidFileException when ONNX Runtime is absent or refuses the graph, or a step does
   *     not give what the graph's states are
   */
  public static Network load(StepGraph graph, int words) {
    try {
      Class.forName("ai.onnxruntime.OrtEnvironment", false, StepGraphs.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new InvalidFileException(
          graph.file(),
          "",
          "is a step graph, which takes ONNX Runtime: put "
              + ARTIFACT
              + " on the class path (on a cluster, into Flink's lib folder)");
    }
    return OnnxRuntimeNetwork.load(graph, words);
  }
}
