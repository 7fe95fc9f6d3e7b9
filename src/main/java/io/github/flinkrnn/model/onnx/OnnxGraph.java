package io.github.flinkrnn.model.onnx;

import java.util.List;
import java.util.Map;

/**
 * What of a model file decides its output.
 *
 * @param opset version of the standard operators
 * @param nodes in the file's order, each behind those whose outputs it takes
 * @param constants the initializers by name
 * @param outputs names of values
 */
record OnnxGraph(
    long opset,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> constants,
    List<Input> inputs,
    List<String> outputs) {

  /**
   * @param integer whether it holds whole numbers
   * @param sizes its dimensions, -1 where the file leaves it open; null without a shape
   */
  record Input(String name, boolean integer, long[] sizes) {}
}
