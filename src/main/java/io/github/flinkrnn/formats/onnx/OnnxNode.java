package io.github.flinkrnn.formats.onnx;

import java.util.List;
import java.util.Map;

/**
 * One operator of the graph.
 *
 * @param index its place in the file, for nodes without a name
 * @param inputs names of values; empty for an optional input that is not there
 * @param attributes a Long, Float, String, {@link OnnxTensor}, long[], float[] or list of texts
 */
record OnnxNode(
    int index,
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes) {

  /** How errors name it. */
  String place() {
    return (name.isEmpty() ? "node " + index : "node '" + name + "'") + " (" + op + ")";
  }
}
