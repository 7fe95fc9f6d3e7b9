package io.github.flinkrnn.formats.onnx;

import java.util.List;
import java.util.Map;

/**
 * One operator of the graph.
 *
 * @param index its index in the file, for nodes without a name
 * @param inputs names of values; empty for an absent optional input
 * @param attributes each a Long, Float, String, {@link OnnxTensor}, long[], float[], list of
 *     strings or {@link OnnxGraph}
 */
record OnnxNode(
    int index,
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes) {

  /** The name of the node in errors. */
  String place() {
    return (name.isEmpty() ? "node " + index : "node '" + name + "'") + " (" + op + ")";
  }
}
