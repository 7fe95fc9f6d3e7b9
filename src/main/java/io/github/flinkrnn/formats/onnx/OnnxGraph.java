package io.github.flinkrnn.formats.onnx;

import java.util.List;
import java.util.Map;

/**
 * What of a model file decides its output.
 *
 * @param opset version of the standard operators
 * @param nodes in the file's order, each behind those whose outputs it takes
 * @param constants the initializers by name
 * @param unsupported what of it no built-in cell computes, where that is known from the file alone;
 *     else null
 */
record OnnxGraph(
    long opset,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> constants,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    UnsupportedGraphException unsupported) {

  /** Without the constants, which files of old list as inputs too. */
  List<ValueInfo> realInputs() {
    return inputs.stream().filter(input -> !constants.containsKey(input.name())).toList();
  }

  List<String> outputNames() {
    return outputs.stream().map(ValueInfo::name).toList();
  }
}
