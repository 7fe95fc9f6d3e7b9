package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.onnxruntime.StepGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds x&lt;t&gt;, y&lt;t&gt; and the states among the inputs and outputs of a step graph. */
final class StepGraphReader {
  private static final Set<String> RECURRENT = Set.of("RNN", "GRU", "LSTM");
  private static final Set<String> MOVES =
      Set.of("Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Cast", "Dropout");
  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "RNN", "GRU", "LSTM");

  private final String file;
  private final OnnxGraph graph;
  private final NetworkConfig config;
  private final StepNames names;
  private final int words;
  private long stateNumbers; // of all states
  private final Map<String, ValueInfo> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfo> outputs = new LinkedHashMap<>();

  StepGraphReader(WeightsFile weights, OnnxGraph graph, NetworkConfig config, StepNames names) {
    this.file = weights.path();
    this.graph = graph;
    this.config = config;
    this.names = names;
    this.words = weights.words();
    graph.realInputs().forEach(input -> inputs.put(input.name(), input));
    graph.outputs().forEach(output -> outputs.put(output.name(), output));
  }

  /**
   * The step graph for ONNX Runtime.
   *
   * @param bytes the bytes of the whole file
   */
  StepGraph graph(byte[] bytes) {
    refuseOtherDirections();
    Map<String, String> pairs = pairs();
    List<StepGraph.State> states = new ArrayList<>();
    pairs.forEach((in, out) -> states.add(state(inputs.get(in), outputs.get(out))));
    names.initial().keySet().forEach(name -> expectState(pairs, name, "initial_state"));
    int hidden = 0;
    if (names.hidden().isPresent()) {
      expectState(pairs, names.hidden().get(), "output.hidden");
      hidden = List.copyOf(pairs.keySet()).indexOf(names.hidden().get());
    }
    StepGraph.Input input = StepInput.of(file, input(pairs), graph, config, words);
    return new StepGraph(
        file, bytes, input, output(pairs), states, hidden, operators(), multiplyAdds());
  }

  /** A step sees a single token, so a backward layer would give a wrong result. */
  private void refuseOtherDirections() {
    for (OnnxNode node : graph.nodes()) {
      Object direction = node.attributes().getOrDefault("direction", "forward");
      if (RECURRENT.contains(node.op()) && !direction.equals("forward")) {
        throw new InvalidFileException(
            file,
            node.place(),
            "expected direction forward, found " + direction + ", which reads future tokens");
      }
    }
  }

  private Map<String, String> pairs() {
    Map<String, String> given = names.state();
    if (given.isEmpty()) {
      Map<String, String> pairs = StatePairs.byName(graph);
      if (pairs.isEmpty()) {
        throw invalid("", "missing: expected states" + StatePairs.hint(graph));
      }
      return pairs;
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String input : inputs.keySet()) { // in the order of the graph
      if (given.containsKey(input)) {
        pairs.put(input, given.get(input));
      }
    }
    given.forEach(this::expectPair);
    return pairs;
  }

  private void expectPair(String in, String out) {
    String field = "state." + in;
    if (!inputs.containsKey(in)) {
      throw ofConfig(field, "expected one of the inputs " + inputs.keySet() + " of " + file);
    }
    if (!outputs.containsKey(out)) {
      throw notAnOutput(field, out);
    }
    boolean floats =
        inputs.get(in).type() == ValueInfo.FLOAT && outputs.get(out).type() == ValueInfo.FLOAT;
    if (!floats || !StatePairs.fit(inputs.get(in), outputs.get(out))) {
      String pair = inputs.get(in) + " and " + outputs.get(out);
      throw ofConfig(field, "expected two float tensors of the same shape, found " + pair);
    }
  }

  private void expectState(Map<String, String> pairs, String name, String field) {
    if (!pairs.containsKey(name)) {
      throw ofConfig(
          field,
          "expected one of the states "
              + pairs.keySet()
              + " of "
              + file
              + ", found '"
              + name
              + "'");
    }
  }

  private StepGraph.State state(ValueInfo in, ValueInfo out) {
    long[] of = in.sizes() == null ? out.sizes() : in.sizes();
    if (of == null || of.length == 0) {
      throw invalid("input '" + in.name() + "'", "expected a state with a shape");
    }
    long[] shape = of.clone();
    long length = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1 && out.sizes() != null) {
        shape[i] = out.sizes()[i];
      }
      if (shape[i] == -1 && i == shape.length - 1) {
        throw invalid("input '" + in.name() + "'", "expected a known last size, found " + in);
      }
      shape[i] = Math.max(shape[i], shape[i] == 0 ? 0 : 1); // a batch of one sequence
      length *= shape[i];
      if (length <= 0 || length > StepInput.MAX_LENGTH) {
        throw invalid("input '" + in.name() + "'", "expected 1 to 2^24 numbers, found " + in);
      }
    }
    stateNumbers += length;
    if (stateNumbers > StepInput.MAX_LENGTH) {
      throw invalid("", "expected states of at most 2^24 numbers in total, found more");
    }
    float[] initial = names.initial().get(in.name());
    if (initial != null && initial.length != length) {
      String problem = "expected " + length + " numbers for " + in + ", found " + initial.length;
      throw ofConfig("initial_state." + in.name(), problem);
    }
    float[] zeros = new float[(int) length];
    return new StepGraph.State(in.name(), out.name(), shape, initial == null ? zeros : initial);
  }

  private ValueInfo input(Map<String, String> pairs) {
    List<ValueInfo> others = new ArrayList<>();
    for (ValueInfo input : inputs.values()) {
      if (!pairs.containsKey(input.name())) {
        others.add(input);
      }
    }
    if (others.size() != 1) {
      throw invalid(
          "",
          "expected only the token besides the states "
              + pairs.keySet()
              + ", found "
              + others
              + "; "
              + remedy(others, pairs));
    }
    return others.get(0);
  }

  /** A hint for several inputs: an input that cannot be a state is a constant. */
  private String remedy(List<ValueInfo> others, Map<String, String> pairs) {
    List<ValueInfo> free =
        outputs.values().stream().filter(out -> !pairs.containsValue(out.name())).toList();
    List<String> noStates =
        others.stream()
            .filter(input -> !StatePairs.mayBeState(input, free))
            .map(input -> "'" + input.name() + "'")
            .toList();
    return noStates.isEmpty() || others.size() - noStates.size() > 1
        ? "set state: {IN: OUT} in config.json"
        : String.join(", ", noStates)
            + " cannot be a state: make such inputs constants of the graph";
  }

  private String output(Map<String, String> pairs) {
    String given = names.output().orElse(null);
    if (given != null && !outputs.containsKey(given)) {
      throw notAnOutput("output.tensor", given);
    }
    List<String> others = new ArrayList<>(outputs.keySet());
    others.removeAll(pairs.values());
    if (given == null && others.size() != 1) {
      throw ofConfig(
          "output.tensor", "missing: expected one of the outputs " + others + " of " + file);
    }
    String output = given == null ? others.get(0) : given;
    if (outputs.get(output).type() != ValueInfo.FLOAT) {
      throw invalid("output '" + output + "'", "expected floats");
    }
    return output;
  }

  private String operators() {
    Map<String, Integer> counts = new TreeMap<>();
    graph.nodes().forEach(node -> counts.merge(node.op(), 1, Integer::sum));
    List<String> phrases = new ArrayList<>();
    counts.forEach((op, count) -> phrases.add(count == 1 ? op : count + " " + op));
    String all = String.join(", ", phrases);
    return all.length() <= 200 ? all : graph.nodes().size() + " nodes";
  }

  /** The multiply-adds of products with constant matrices. Other nodes are not counted. */
  private long multiplyAdds() {
    long sum = 0;
    for (OnnxNode node : graph.nodes()) {
      for (String name : PRODUCTS.contains(node.op()) ? node.inputs() : List.<String>of()) {
        OnnxTensor tensor = graph.constants().get(name);
        sum +=
            tensor != null && tensor.isFloat() && tensor.rank() >= 2 ? products(node, tensor) : 0;
      }
    }
    return sum;
  }

  // The biases of an RNN, GRU or LSTM are a matrix too: [directions × 2 gates].
  private static long products(OnnxNode node, OnnxTensor tensor) {
    return RECURRENT.contains(node.op()) && tensor.rank() < 3 ? 0 : tensor.length();
  }

  /** The last activation before y&lt;t&gt;, apart from nodes that only move numbers. */
  static OutputEnd end(OnnxGraph graph, String output) {
    Map<String, OnnxNode> makers = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(name -> makers.put(name, node));
    }
    OnnxNode last = makers.get(output);
    for (int i = 0; last != null && i < graph.nodes().size() && MOVES.contains(last.op()); i++) {
      last = last.inputs().isEmpty() ? null : makers.get(last.inputs().get(0));
    }
    String op = last != null && OnnxFile.isStandard(last.domain()) ? last.op() : "";
    return switch (op) {
      case "Softmax" -> OutputEnd.computed(OutputActivation.SOFTMAX);
      case "Sigmoid" -> OutputEnd.computed(OutputActivation.SIGMOID);
      default -> OutputEnd.of(OutputActivation.IDENTITY);
    };
  }

  /** The tensor of each part, for descriptions. */
  static List<Part> parts(StepGraph step) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("input", "'" + step.input().name() + "'"));
    for (StepGraph.State state : step.states()) {
      String named = "'" + state.input() + "' from '" + state.output() + "'";
      parts.add(new Part("state", named + ", " + state.initial().length + " floats"));
    }
    String hidden = step.states().get(step.hidden()).input();
    parts.add(new Part("hidden", "the last layer of '" + hidden + "'"));
    parts.add(new Part("output", "'" + step.output() + "'"));
    return parts;
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }

  private InvalidFileException notAnOutput(String field, String found) {
    return ofConfig(
        field,
        "expected one of the outputs "
            + outputs.keySet()
            + " of "
            + file
            + ", found '"
            + found
            + "'");
  }

  private InvalidFileException ofConfig(String field, String problem) {
    return new InvalidFileException(names.file(), field, problem);
  }
}
