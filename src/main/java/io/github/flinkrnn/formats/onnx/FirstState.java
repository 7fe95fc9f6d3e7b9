package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.onnx.Value.Aside;
import io.github.flinkrnn.formats.onnx.Value.Filled;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.Arrays;
import java.util.Set;

/**
 * The inputs initial_h and initial_c of a recurrent node. A stream's sequences start on their own:
 * zeros or a learned constant are what they start from, and a state that whoever runs the graph
 * would hand in is zeros before the first token and the operator's own state after it.
 *
 * @param x what the node steps through
 * @param n units
 * @param from takes the names of the constants that were read
 */
record FirstState(NodeCall call, Flow x, int n, Set<String> from) {

  /** The state before the first token, or null for zeros. */
  float[] read(int input, String what) {
    Value value = call.optional(input);
    if (value == null) {
      return null;
    }
    float[] state = new float[n];
    if (value instanceof Filled filled) {
      from.addAll(filled.from());
      Arrays.fill(state, filled.number());
    } else if (value instanceof Weights weights && weights.tensor().isFloat()) {
      from.addAll(weights.from());
      sameRow(weights.tensor(), what, state);
    } else {
      String graphInput = graphInput(value);
      if (graphInput == null || graphInput.equals(x.origin().input())) {
        throw call.unsupported("expected zeros, a constant or a graph input as " + what);
      }
    }
    for (float number : state) {
      if (number != 0) {
        return state;
      }
    }
    return null;
  }

  // A constant for a whole batch: every sequence must start alike.
  private void sameRow(OnnxTensor tensor, String what, float[] state) {
    float[] numbers = tensor.floats();
    if (numbers.length == 1) {
      Arrays.fill(state, numbers[0]);
      return;
    }
    if (tensor.last() != state.length || numbers.length == 0) {
      throw call.refused(
          what + " is " + tensor + ", expected " + Tensor.shapeText(1, 1, state.length));
    }
    System.arraycopy(numbers, 0, state, 0, state.length);
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] != state[i % state.length]) {
        throw call.refused(what + " differs between the sequences of a batch");
      }
    }
  }

  private static String graphInput(Value value) {
    if (value instanceof Aside aside) {
      return aside.input();
    }
    return value instanceof Flow flow && flow.isInput() && !flow.origin().takesIds()
        ? flow.origin().input()
        : null;
  }

  /** What the zeros stand for that the graph takes from outside; null for nothing. */
  String inPlaceOf() {
    for (int input = 5; input <= 6; input++) {
      Value value = call.optional(input);
      String name = value == null ? null : graphInput(value);
      if (name != null && !name.equals(x.origin().input())) {
        return "zeros, in place of the graph's input '" + name + "'";
      }
    }
    return null;
  }
}
