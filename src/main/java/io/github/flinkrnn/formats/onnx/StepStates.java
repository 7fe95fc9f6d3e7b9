package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.NumberArray;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The states of a step graph: pairs of an input and an output. */
final class StepStates {
  private final String file;
  private final OnnxGraph graph;
  private final StepNames names;
  private final Map<String, ValueInfo> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfo> outputs = new LinkedHashMap<>();
  private final Map<String, String> takers = new HashMap<>(); // inputs by output
  private final List<StepGraph.State> states = new ArrayList<>();
  private long words; // of all states

  /**
   * @param file the name of the model file in errors
   * @throws InvalidFileException when the graph has no states, or names are wrong
   */
  StepStates(String file, OnnxGraph graph, StepNames names) {
    this.file = file;
    this.graph = graph;
    this.names = names;
    graph.realInputs().forEach(input -> inputs.put(input.name(), input));
    graph.outputs().forEach(output -> outputs.put(output.name(), output));
    pairs().forEach((in, out) -> states.add(state(inputs.get(in), outputs.get(out))));
    names.initial().keySet().forEach(name -> indexOf(name, "initial_state"));
  }

  /** The states, in the order of the inputs of the graph. */
  List<StepGraph.State> all() {
    return states;
  }

  /** The names of the inputs. */
  List<String> inputNames() {
    return states.stream().map(StepGraph.State::input).toList();
  }

  /** The names of the outputs. */
  List<String> outputNames() {
    return states.stream().map(StepGraph.State::output).toList();
  }

  /** The index of the state of floats with the hidden state; -1 if no state has floats. */
  int hidden() {
    if (names.hidden().isEmpty()) {
      List<StepType> types = states.stream().map(StepGraph.State::type).toList();
      return types.indexOf(StepType.FLOAT);
    }
    int hidden = indexOf(names.hidden().get(), "output.hidden");
    if (states.get(hidden).type() != StepType.FLOAT) {
      throw ofConfig(
          "output.hidden",
          "expected a state of float, found " + inputs.get(names.hidden().get()).typed());
    }
    return hidden;
  }

  private Map<String, String> pairs() {
    Map<String, String> given = names.state();
    if (given.isEmpty()) {
      Set<String> others = new HashSet<>(names.inputs().keySet());
      others.addAll(names.constants().keySet());
      Map<String, String> pairs = StatePairs.byName(graph, others);
      if (pairs.isEmpty()) {
        throw invalid("", "missing: expected states" + StatePairs.hint(graph));
      }
      return pairs;
    }
    given.forEach(this::expectPair);
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String input : inputs.keySet()) { // in the order of the graph
      if (given.containsKey(input)) {
        pairs.put(input, given.get(input));
      }
    }
    return pairs;
  }

  private void expectPair(String in, String out) {
    String field = "state." + in;
    if (!inputs.containsKey(in)) {
      throw ofConfig(field, "expected one of the inputs " + inputs.keySet() + " of " + file);
    }
    if (!outputs.containsKey(out)) {
      throw ofConfig(
          field,
          "expected one of the outputs "
              + outputs.keySet()
              + " of "
              + file
              + ", found '"
              + out
              + "'");
    }
    String other = takers.putIfAbsent(out, in);
    if (other != null) {
      throw ofConfig(
          field, "expected another output than that of '" + other + "', found '" + out + "'");
    }
    if (!StatePairs.fit(inputs.get(in), outputs.get(out))) {
      throw ofConfig(
          field,
          "expected two tensors of the same shape and type ("
              + StepType.names()
              + "), found "
              + inputs.get(in).typed()
              + " and "
              + outputs.get(out).typed());
    }
  }

  private int indexOf(String name, String field) {
    int index = inputNames().indexOf(name);
    if (index < 0) {
      throw ofConfig(
          field,
          "expected one of the states " + inputNames() + " of " + file + ", found '" + name + "'");
    }
    return index;
  }

  private StepGraph.State state(ValueInfo in, ValueInfo out) {
    NumberArray initial = names.initial().get(in.name());
    long[] shape = shape(in, out, initial);
    StepType type = in.stepType();
    long length = 1;
    for (long size : shape) {
      length = size > StepInputs.MAX_LENGTH ? 0 : length * size;
      if (length <= 0 || length > StepInputs.MAX_LENGTH) {
        throw invalid("input '" + in.name() + "'", "expected 1 to 2^24 numbers, found " + in);
      }
    }
    words += type.words() * length;
    if (words > StepInputs.MAX_LENGTH) {
      throw invalid("", "expected states of at most 2^24 numbers in total, found more");
    }
    if (initial == null) {
      float[] zeros = new float[(int) length * type.words()];
      return new StepGraph.State(in.name(), out.name(), type, shape, zeros);
    }
    String place = "initial_state." + in.name();
    if (initial.numbers().size() != length) {
      String found = ", found " + initial.numbers().size();
      throw ofConfig(place, "expected " + length + " numbers for " + in + found);
    }
    if (initial.shape().length > 1
        && !Arrays.equals(shape, Arrays.stream(initial.shape()).asLongStream().toArray())) {
      String found = ", found " + Tensor.shapeText(initial.shape());
      throw ofConfig(place, "expected one array of numbers, or the shape of " + in + found);
    }
    float[] numbers = new StepArray(names.file(), place, initial, in).words();
    return new StepGraph.State(in.name(), out.name(), type, shape, numbers);
  }

  /** The shape for a batch of one sequence. */
  private long[] shape(ValueInfo in, ValueInfo out, NumberArray initial) {
    long[] of = in.sizes() == null ? out.sizes() : in.sizes();
    if (of == null) {
      throw invalid("input '" + in.name() + "'", "expected a state with a shape");
    }
    long[] shape = of.clone();
    int last = shape.length - 1;
    long others = 1;
    for (int i = 0; i <= last; i++) {
      if (shape[i] == -1 && out.sizes() != null) {
        shape[i] = out.sizes()[i];
      }
      if (shape[i] == -1 && i < last) {
        shape[i] = 1;
      }
      others *= i < last && shape[i] <= StepInputs.MAX_LENGTH ? Math.max(1, shape[i]) : 1;
      others = Math.min(others, StepInputs.MAX_LENGTH);
    }
    if (last >= 0 && shape[last] == -1) {
      if (initial == null) {
        throw invalid("input '" + in.name() + "'", "expected a known last size, found " + in);
      }
      shape[last] = initial.numbers().size() / others;
    }
    return shape;
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }

  private InvalidFileException ofConfig(String field, String problem) {
    return new InvalidFileException(names.file(), field, problem);
  }
}
