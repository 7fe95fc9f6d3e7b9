package io.github.flinkrnn.formats.onnx;

import java.util.List;
import java.util.Map;

/**
 * The parts of a model file that determine its output.
 *
 * @param opset the version of the standard operators
 * @param nodes the nodes in file order, each after the nodes whose outputs it takes
 * @param constants the initializers by name
 * @param unsupported why the built-in cells do not support the graph, if reading the file shows it;
 *     else null
 */
record OnnxGraph(
    long opset,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> constants,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    UnsupportedGraphException unsupported) {

  /** The inputs without the constants, which old files list as inputs too. */
  List<ValueInfo> realInputs() {
    return inputs.stream().filter(input -> !constants.containsKey(input.name())).toList();
  }

  List<String> outputNames() {
    return outputs.stream().map(ValueInfo::name).toList();
  }
}
