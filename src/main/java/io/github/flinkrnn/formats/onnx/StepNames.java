package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ConfigFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.json} says of a step graph, where the names of its inputs and outputs do not.
 *
 * @param file how errors name config.json
 * @param state which output is the next step's input: the output's name by the input's
 * @param initial numbers of the state before the first token, by the input's name
 * @param output the output that is y&lt;t&gt;
 * @param hidden the state input that carries the top layer's a&lt;t&gt;
 */
public record StepNames(
    String file,
    Map<String, String> state,
    Map<String, float[]> initial,
    Optional<String> output,
    Optional<String> hidden) {

  /** Takes these fields from the file. */
  public static StepNames read(ConfigFile config) {
    Fields top = config.top();
    Map<String, float[]> initial = new LinkedHashMap<>();
    if (top.isObject("initial_state")) {
      Fields states = top.object("initial_state");
      for (String name : states.names()) {
        initial.put(name, states.floats(name));
      }
    }
    return new StepNames(
        config.file(),
        top.flattened("state"),
        initial,
        config.output().text("tensor"),
        config.output().text("hidden"));
  }

  /** Whether the file sets none of the fields. */
  boolean isEmpty() {
    return firstField().isEmpty();
  }

  private Optional<String> firstField() {
    if (!state.isEmpty()) {
      return Optional.of("state");
    }
    if (!initial.isEmpty()) {
      return Optional.of("initial_state");
    }
    return output.isPresent() ? Optional.of("output.tensor") : hidden.map(h -> "output.hidden");
  }

  /**
   * Fails where one of the fields is set.
   *
   * @param weights the file of another format that the weights are in
   */
  public void rejectBeside(String weights) {
    Optional<String> field = firstField();
    if (field.isPresent()) {
      throw new InvalidFileException(
          file, field.get(), "says what a step graph of ONNX takes, the weights are in " + weights);
    }
  }
}
