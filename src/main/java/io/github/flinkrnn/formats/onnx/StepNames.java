package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ConfigFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * The fields of {@code config.json} for a step graph whose input and output names do not show their
 * roles.
 *
 * @param file the name of config.json in errors
 * @param state the name of the output that is the next input, by the name of the input
 * @param initial the state before the first token, by the name of the input
 * @param output the output that is y&lt;t&gt;
 * @param hidden the state input that carries the top layer's a&lt;t&gt;
 */
@Internal
public record StepNames(
    String file,
    Map<String, String> state,
    Map<String, float[]> initial,
    Optional<String> output,
    Optional<String> hidden) {

  /** Reads these fields. */
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

  /** Whether none of the fields is set. */
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
   * Fails if one of the fields is set.
   *
   * @param weights the weights file, which is of another format
   * @throws InvalidFileException that names the first field that is set
   */
  public void rejectBeside(String weights) {
    Optional<String> field = firstField();
    if (field.isPresent()) {
      throw new InvalidFileException(
          file, field.get(), "expected only for a step graph, found the weights in " + weights);
    }
  }
}
