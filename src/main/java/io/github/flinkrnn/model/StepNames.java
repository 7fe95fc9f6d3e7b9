package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What config.json says of a step graph of ONNX, where the names of its inputs and outputs do not.
 *
 * @param state which output is the next step's input: the output's name by the input's
 * @param initial numbers of the state before the first token, by the input's name
 * @param output the output that is y&lt;t&gt;
 * @param hidden the state input that carries the top layer's a&lt;t&gt;
 */
public record StepNames(
    Map<String, String> state,
    Map<String, float[]> initial,
    Optional<String> output,
    Optional<String> hidden) {

  /** Whether the file says any of it. */
  public boolean isEmpty() {
    return firstField().isEmpty();
  }

  /** The field that says some of it, for errors. */
  Optional<String> firstField() {
    if (!state.isEmpty()) {
      return Optional.of("state");
    }
    if (!initial.isEmpty()) {
      return Optional.of("initial_state");
    }
    return output.isPresent() ? Optional.of("output.tensor") : hidden.map(h -> "output.hidden");
  }

  static StepNames read(Fields top, Fields output) {
    Map<String, float[]> initial = new LinkedHashMap<>();
    if (top.isObject("initial_state")) {
      Fields states = top.object("initial_state");
      for (String name : states.names()) {
        initial.put(name, states.floats(name));
      }
    }
    return new StepNames(
        top.flattened("state"), initial, output.text("tensor"), output.text("hidden"));
  }
}
