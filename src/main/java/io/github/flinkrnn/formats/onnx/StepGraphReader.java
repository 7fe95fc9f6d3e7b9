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

/** Finds x&lt;t&gt;, y&lt;t&gt; and the states among a step graph's inputs and outputs. */
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
   * What ONNX Runtime has to know.
   *
   * @param bytes of the whole file
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

  /** What a step sees of a sequence is one token: the other direction would see the same one. */
  private void refuseOtherDirections() {
    for (OnnxNode node : graph.nodes()) {
      Object direction = node.attributes().getOrDefault("direction", "forward");
      if (RECURRENT.contains(node.op()) && !direction.equals("forward")) {
        throw new InvalidFileException(
            file,
            node.place(),
            "is " + direction + ", expected forward: a stream has no future to read from");
      }
    }
  }

  private Map<String, String> pairs() {
    Map<String, String> given = names.state();
    if (given.isEmpty()) {
      Map<String, String> pairs = StatePairs.byName(graph);
      if (pairs.isEmpty()) {
        throw invalid("", "has no states" + StatePairs.hint(graph));
      }
      return pairs;
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String input : inputs.keySet()) { // in the graph's order, not the user's
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
      throw ofConfig(field, "is no input of " + file + ", which takes " + inputs.keySet());
    }
    if (!outputs.containsKey(out)) {
      throw ofConfig(field, "'" + out + "' is no output of " + file + ": " + outputs.keySet());
    }
    boolean floats =
        inputs.get(in).type() == ValueInfo.FLOAT && outputs.get(out).type() == ValueInfo.FLOAT;
    if (!floats || !StatePairs.fit(inputs.get(in), outputs.get(out))) {
      String pair = inputs.get(in) + " and " + outputs.get(out);
      throw ofConfig(field, "expected two tensors of floats of one shape, found " + pair);
    }
  }

  private void expectState(Map<String, String> pairs, String name, String field) {
    if (!pairs.containsKey(name)) {
      throw ofConfig(
          field, "'" + name + "' is no state of " + file + ", whose states are " + pairs.keySet());
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
        throw invalid("input '" + in.name() + "'", "expected its last size to be known: " + in);
      }
      shape[i] = Math.max(shape[i], shape[i] == 0 ? 0 : 1); // one key: a batch of one
      length *= shape[i];
      if (length <= 0 || length > StepInput.MAX_LENGTH) {
        throw invalid("input '" + in.name() + "'", "expected from 1 to 2^24 numbers: " + in);
      }
    }
    stateNumbers += length;
    if (stateNumbers > StepInput.MAX_LENGTH) {
      throw invalid("", "has states of more than 2^24 numbers together");
    }
    float[] initial = names.initial().get(in.name());
    if (initial != null && initial.length != length) {
      String found = initial.length + " numbers, expected " + length;
      throw ofConfig("initial_state." + in.name(), "has " + found + " for " + in);
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
          "takes "
              + others
              + " besides the states "
              + pairs.keySet()
              + ", expected only the token; "
              + remedy(others, pairs));
    }
    return others.get(0);
  }

  /**
   * What to do about inputs that are not all the token: those that can be no state are constants.
   */
  private String remedy(List<ValueInfo> others, Map<String, String> pairs) {
    List<ValueInfo> free =
        outputs.values().stream().filter(out -> !pairs.containsValue(out.name())).toList();
    List<String> noStates =
        others.stream()
            .filter(input -> !StatePairs.mayBeState(input, free))
            .map(input -> "'" + input.name() + "'")
            .toList();
    return noStates.isEmpty() || others.size() - noStates.size() > 1
        ? "say state: {IN: OUT} in config.json"
        : String.join(", ", noStates) + " can be no state: make such inputs constants of the graph";
  }

  private String output(Map<String, String> pairs) {
    String given = names.output().orElse(null);
    if (given != null && !outputs.containsKey(given)) {
      throw ofConfig(
          "output.tensor", "'" + given + "' is no output of " + file + ": " + outputs.keySet());
    }
    List<String> others = new ArrayList<>(outputs.keySet());
    others.removeAll(pairs.values());
    if (given == null && others.size() != 1) {
      throw ofConfig(
          "output.tensor",
          "is missing: " + file + " gives " + others + " besides its states, expected one of them");
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

  /** Of the constant matrices of products; other nodes are not counted. */
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

  // An RNN, GRU or LSTM has its biases as a matrix too: [directions × 2 gates].
  private static long products(OnnxNode node, OnnxTensor tensor) {
    return RECURRENT.contains(node.op()) && tensor.rank() < 3 ? 0 : tensor.length();
  }

  /** What the graph does last to y&lt;t&gt;, apart from moving it about. */
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

  /** Which tensor each part is, for descriptions. */
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

  private InvalidFileException ofConfig(String field, String problem) {
    return new InvalidFileException(names.file(), field, problem);
  }
}
