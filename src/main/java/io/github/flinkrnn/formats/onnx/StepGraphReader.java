package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.NumberArray;
import io.github.flinkrnn.formats.LoadedNetwork.Integers;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds x&lt;t&gt;, y&lt;t&gt;, the constants and the states among the inputs and outputs of a step
 * graph.
 */
final class StepGraphReader {
  private static final Set<String> RECURRENT = Set.of("RNN", "GRU", "LSTM");
  private static final Set<String> MOVES =
      Set.of("Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Cast", "Dropout");
  private static final int SHOWN = 4; // numbers of a constant
  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "RNN", "GRU", "LSTM");

  private final String file;
  private final OnnxGraph graph;
  private final NetworkConfig config;
  private final StepNames names;
  private final StepStates states;
  private final int hidden;
  private final StepInputs inputs;

  /**
   * @throws InvalidFileException when an input or state does not fit, or the graph reads future
   *     tokens
   */
  StepGraphReader(WeightsFile weights, OnnxGraph graph, NetworkConfig config, StepNames names) {
    this.file = weights.path();
    this.graph = graph;
    this.config = config;
    this.names = names;
    refuseOtherDirections();
    states = new StepStates(file, graph, names);
    hidden = states.hidden();
    inputs = new StepInputs(weights, graph, config, names, states.inputNames());
  }

  /**
   * The step graph for ONNX Runtime.
   *
   * @param bytes the bytes of the whole model, with the data of other files in it
   * @throws InvalidFileException when an output does not fit
   */
  StepGraph graph(byte[] bytes) {
    return new StepGraph(
        file,
        bytes,
        inputs.taken(),
        inputs.sample(),
        inputs.constants(),
        heads(),
        states.all(),
        hidden,
        operators(),
        multiplyAdds());
  }

  /** The fields of a record that the graph takes as integers. */
  Map<String, Integers> integers() {
    return inputs.integers();
  }

  /**
   * ONNX Runtime takes a step with a single token, so a backward layer would give a wrong result.
   */
  private void refuseOtherDirections() {
    for (OnnxNode node : graph.nodes()) {
      Object direction = node.attributes().getOrDefault("direction", "forward");
      if (RECURRENT.contains(node.op()) && !direction.equals("forward")) {
        throw new InvalidFileException(
            file,
            node.place(),
            "expected direction forward in a step graph, found "
                + direction
                + ", which reads later tokens; export a graph of the whole sequence");
      }
    }
  }

  /** The output of each head. */
  private List<String> heads() {
    List<String> others = new ArrayList<>(graph.outputNames());
    others.removeAll(states.outputNames());
    if (!config.namesHeads()) {
      return List.of(output(others));
    }
    List<String> heads = new ArrayList<>();
    for (int head = 0; head < config.heads().size(); head++) {
      String field = config.heads().get(head).place() + ".tensor";
      String name = config.heads().get(head).name();
      String tensor = names.heads().get(head).orElse(others.contains(name) ? name : null);
      if (tensor == null) {
        throw ofConfig(field, "missing: expected one of the outputs " + others + " of " + file);
      }
      if (!others.contains(tensor)) {
        String what = states.outputNames().contains(tensor) ? ", which is a state" : "";
        throw notAnOutput(field, others, tensor, what);
      }
      int other = heads.indexOf(tensor);
      if (other >= 0) {
        String place = config.heads().get(other).place();
        throw ofConfig(field, "expected another output than that of " + place);
      }
      heads.add(expectNumbers(tensor));
    }
    return heads;
  }

  /**
   * The output of the only head, which may also be a state.
   *
   * @param others the outputs that are no states
   */
  private String output(List<String> others) {
    String given = names.output().orElse(null);
    if (given != null && !graph.outputNames().contains(given)) {
      throw notAnOutput("output.tensor", graph.outputNames(), given, "");
    }
    if (given == null && others.size() != 1) {
      throw ofConfig(
          "output.tensor", "missing: expected one of the outputs " + others + " of " + file);
    }
    return expectNumbers(given == null ? others.get(0) : given);
  }

  private String expectNumbers(String output) {
    for (ValueInfo of : graph.outputs()) {
      if (of.name().equals(output) && of.stepType() == null) {
        throw new InvalidFileException(
            file,
            "output '" + output + "'",
            "expected numbers of type " + StepType.names() + ", found " + of.typeName());
      }
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
  List<Part> parts(StepGraph step) {
    List<Part> parts = new ArrayList<>();
    for (StepGraph.Input input : step.inputs()) {
      List<String> fields = step.inputs().size() > 1 ? inputs.fieldsOf(input.name()) : List.of();
      String from = fields.isEmpty() ? "" : " from " + String.join(", ", fields);
      boolean isUsual = input.type() == StepType.FLOAT || input.takesWord();
      parts.add(
          new Part(
              "input", "'" + input.name() + "'" + from + (isUsual ? "" : ", " + input.type())));
    }
    for (StepGraph.Constant constant : step.constants()) {
      parts.add(new Part("constant", described(constant)));
    }
    for (StepGraph.State state : step.states()) {
      String named = "'" + state.input() + "' from '" + state.output() + "'";
      int count = state.initial().length / state.type().words();
      String type = state.type() + (state.type() == StepType.FLOAT ? "s" : "");
      parts.add(new Part("state", named + ", " + count + " " + type));
    }
    if (step.hidden() >= 0) {
      String hidden = step.states().get(step.hidden()).input();
      parts.add(new Part("hidden", "the last layer of '" + hidden + "'"));
    }
    for (int head = 0; head < step.heads().size(); head++) {
      String name = config.namesHeads() ? config.heads().get(head).name() + ": " : "";
      parts.add(new Part("output", name + "'" + step.heads().get(head) + "'"));
    }
    return parts;
  }

  private String described(StepGraph.Constant constant) {
    NumberArray given = names.constants().get(constant.name());
    String shape = given.shape().length == 0 ? "" : " " + Tensor.shapeText(given.shape());
    List<String> numbers = given.numbers();
    String some = String.join(", ", numbers.subList(0, Math.min(SHOWN, numbers.size())));
    String more = numbers.size() > SHOWN ? ", …" : "";
    return "'" + constant.name() + "', " + constant.type() + shape + ": " + some + more;
  }

  private InvalidFileException notAnOutput(
      String field, List<String> outputs, String found, String what) {
    return ofConfig(
        field,
        "expected one of the outputs "
            + outputs
            + " of "
            + file
            + ", found '"
            + found
            + "'"
            + what);
  }

  private InvalidFileException ofConfig(String field, String problem) {
    return new InvalidFileException(names.file(), field, problem);
  }
}
