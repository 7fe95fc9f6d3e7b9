package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.NumberArray;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.network.InputPart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * The fields of {@code config.json} for a step graph: the roles of its inputs and outputs, as far
 * as their names do not show them.
 *
 * @param file the name of config.json in errors
 * @param state the name of the output that is the next input, by the name of the input
 * @param initial the state before the first token, by the name of the input
 * @param inputs the names of the fields of a record that an input takes, by the name of the input
 * @param constants the numbers of the inputs that are the same in each step, by name
 * @param heads the tensor of each of several heads, if given; empty for one head
 * @param output the tensor that is y&lt;t&gt;, for one head
 * @param hidden the state input that carries the top layer's a&lt;t&gt;
 * @param fields the fields of a record in {@code input.fields}; empty for another input
 */
@Internal
public record StepNames(
    String file,
    Map<String, String> state,
    Map<String, NumberArray> initial,
    Map<String, List<String>> inputs,
    Map<String, NumberArray> constants,
    List<Optional<String>> heads,
    Optional<String> output,
    Optional<String> hidden,
    List<RecordField> fields) {
  private static final int MAX_INPUTS = 1000;

  /**
   * A field of a record.
   *
   * @param part what it is of x&lt;t&gt;
   * @param canBeInteger whether an input of integers can take it
   */
  public record RecordField(InputPart part, boolean canBeInteger) {}

  /** Reads these fields. */
  public static StepNames read(ConfigFile config) {
    Fields top = config.top();
    Map<String, List<String>> inputs = new LinkedHashMap<>();
    Fields given = top.object("inputs");
    for (String name : given.names()) {
      inputs.put(name, given.texts(name, MAX_INPUTS));
      if (inputs.get(name).isEmpty()) {
        throw given.invalid(name, "expected an array of fields, found none");
      }
    }
    List<Optional<String>> heads = new ArrayList<>();
    config.outputs().forEach(head -> heads.add(head.text("tensor")));
    return new StepNames(
        config.file(),
        top.flattened("state"),
        top.isObject("initial_state") ? arrays(top.object("initial_state")) : Map.of(),
        inputs,
        arrays(top.object("constants")),
        heads,
        config.output().text("tensor"),
        config.output().text("hidden"),
        List.of());
  }

  private static Map<String, NumberArray> arrays(Fields of) {
    Map<String, NumberArray> arrays = new LinkedHashMap<>();
    for (String name : of.names()) {
      arrays.put(name, of.numberArray(name));
    }
    return arrays;
  }

  /** A copy with the fields of a record. */
  public StepNames withFields(List<RecordField> all) {
    return new StepNames(
        file, state, initial, inputs, constants, heads, output, hidden, List.copyOf(all));
  }

  /** Whether one of the fields is set that only a step graph has. */
  boolean isOfStepGraph() {
    return !state.isEmpty()
        || !initial.isEmpty()
        || !inputs.isEmpty()
        || !constants.isEmpty()
        || hidden.isPresent();
  }

  private Optional<String> firstField() {
    if (!state.isEmpty()) {
      return Optional.of("state");
    }
    if (!initial.isEmpty()) {
      return Optional.of("initial_state");
    }
    if (!inputs.isEmpty()) {
      return Optional.of("inputs");
    }
    if (!constants.isEmpty()) {
      return Optional.of("constants");
    }
    for (int head = 0; head < heads.size(); head++) {
      if (heads.get(head).isPresent()) {
        return Optional.of("outputs[" + head + "].tensor");
      }
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
          file, field.get(), "expected only for an ONNX model, found the weights in " + weights);
    }
  }
}
