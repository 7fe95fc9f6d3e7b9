package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.Arrays;
import java.util.Set;

/**
 * The inputs initial_h and initial_c of a recurrent node. Every sequence of a stream starts from
 * zeros or from a learned constant. A state that is a graph input is replaced by zeros before the
 * first token, and by the state of the operator after it.
 *
 * @param x the sequence that the node processes
 * @param n the number of units
 * @param from collects the names of the constants that were read
 */
record FirstState(NodeCall call, Term x, int n, Set<String> from) {

  /** The state before the first token, or null for zeros. */
  float[] read(int input, String what) {
    Value value = call.optional(input);
    if (value == null) {
      return null;
    }
    float[] state = new float[n];
    if (value instanceof Weights weights && weights.tensor().isFloat()) {
      from.addAll(weights.from());
      sameRow(weights.tensor(), what, state);
    } else if (graphInput(value) == null) {
      throw call.unsupported("expected zeros, a constant or a graph input as " + what);
    }
    for (float number : state) {
      if (number != 0) {
        return state;
      }
    }
    return null;
  }

  // The constant has a row for each sequence of a batch. All rows must be equal.
  private void sameRow(OnnxTensor tensor, String what, float[] state) {
    float[] numbers = tensor.floats();
    if (numbers.length == 1) {
      Arrays.fill(state, numbers[0]);
      return;
    }
    if (tensor.last() != state.length || numbers.length == 0) {
      throw call.refused(
          "expected " + what + " " + Tensor.shapeText(1, 1, state.length) + ", found " + tensor);
    }
    System.arraycopy(numbers, 0, state, 0, state.length);
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] != state[i % state.length]) {
        throw call.refused("expected the same " + what + " for all sequences of a batch");
      }
    }
  }

  /** The graph input that a value is, or is a part of; null for what layers compute. */
  private String graphInput(Value value) {
    Term term = value instanceof Signal signal ? signal.term() : null;
    while (term != null && term.kind() instanceof At) {
      term = term.x();
    }
    Input of = (Input) x.input().kind();
    return term != null
            && term.kind() instanceof Input input
            && !input.takesIds()
            && !input.name().equals(of.name())
        ? input.name()
        : null;
  }

  /** A description of the graph input that zeros replace; null for none. */
  String inPlaceOf() {
    for (int input = 5; input <= 6; input++) {
      String name = call.optional(input) == null ? null : graphInput(call.optional(input));
      if (name != null) {
        return "zeros instead of graph input '" + name + "'";
      }
    }
    return null;
  }
}
