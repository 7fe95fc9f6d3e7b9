package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.NodeCall.Budget;
import io.github.flinkrnn.formats.onnx.Value.Aside;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Origin;
import io.github.flinkrnn.formats.onnx.Value.Sizes;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Visits the nodes once, in file order, which ONNX requires to be a topological order, and records
 * what is known about each value without running the graph. A node that is not supported ends the
 * walk, because a graph is read as a whole or not at all.
 */
final class GraphWalk {
  private static final Set<String> RECURRENT = Set.of("RNN", "GRU", "LSTM");
  // All other supported operators, with their supported attributes.
  private static final Map<String, Set<String>> OPERATORS = new HashMap<>();

  static {
    for (String op :
        List.of(
            "Identity",
            "MatMul",
            "Add",
            "Relu",
            "Tanh",
            "Sigmoid",
            "Expand",
            "Sub",
            "Mul",
            "Div",
            "Equal",
            "Where",
            "Range",
            "Min",
            "Max")) {
      OPERATORS.put(op, Set.of());
    }
    OPERATORS.put("Dropout", Set.of("ratio", "seed"));
    OPERATORS.put("Cast", Set.of("to"));
    OPERATORS.put("Transpose", Set.of("perm"));
    OPERATORS.put("Squeeze", Set.of("axes"));
    OPERATORS.put("Unsqueeze", Set.of("axes"));
    OPERATORS.put("Reshape", Set.of("allowzero"));
    OPERATORS.put("Slice", Set.of("starts", "ends", "axes"));
    OPERATORS.put("Gather", Set.of("axis"));
    OPERATORS.put("OneHot", Set.of("axis"));
    OPERATORS.put("Shape", Set.of("start", "end"));
    OPERATORS.put("Concat", Set.of("axis"));
    OPERATORS.put("ConstantOfShape", Set.of("value"));
    OPERATORS.put("Gemm", Set.of("alpha", "beta", "transA", "transB"));
    OPERATORS.put("Softmax", Set.of("axis"));
    OPERATORS.put("LogSoftmax", Set.of("axis"));
    OPERATORS.put(
        "Constant", Set.of("value", "value_float", "value_floats", "value_int", "value_ints"));
  }

  private final String file;
  private final OnnxGraph graph;
  private final Kernel kernel;
  private final Budget budget;
  private final Map<String, Value> values = new HashMap<>();

  GraphWalk(WeightsFile weights, OnnxGraph graph) {
    this.file = weights.path();
    this.graph = graph;
    this.kernel = weights.kernel();
    long numbers = graph.constants().values().stream().mapToLong(OnnxTensor::length).sum();
    this.budget = new Budget(8 * numbers + (1 << 22), weights.memory());
  }

  /** What is known about each value of the graph, by name. */
  Map<String, Value> values() {
    if (graph.unsupported() != null) {
      throw graph.unsupported();
    }
    graph.constants().forEach((name, of) -> values.put(name, new Weights(of, Set.of(name))));
    for (ValueInfo input : graph.inputs()) {
      // Old files list their initializers as inputs too.
      values.putIfAbsent(input.name(), flow(input));
    }
    for (OnnxNode node : graph.nodes()) {
      List<Value> outputs = outputs(call(node));
      for (int i = 0; i < node.outputs().size(); i++) {
        String name = node.outputs().get(i);
        if (name.isEmpty()) {
          continue;
        }
        if (i >= outputs.size()) {
          throw invalid(node, "expected " + outputs.size() + " outputs, found also '" + name + "'");
        }
        if (values.put(name, outputs.get(i)) != null) {
          throw invalid(node, "expected a new output name, found '" + name + "' again");
        }
      }
    }
    return values;
  }

  private static Value flow(ValueInfo input) {
    if (input.sizes() == null) {
      return new Aside(input.name(), "graph input " + input.name() + ", which has no shape");
    }
    List<Axis> axes = new ArrayList<>();
    for (long size : input.sizes()) {
      axes.add(new Axis(axes.size(), size));
    }
    Origin origin = new Origin(input.name(), input.isInteger(), null, 0, Set.of());
    return new Flow(origin, axes, Flow.UNKNOWN_TIME, List.of(), List.of(), null, false);
  }

  private NodeCall call(OnnxNode node) {
    List<Value> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Value value = values.get(name);
      if (value == null && !name.isEmpty()) {
        throw invalid(
            node,
            "expected an initializer, a graph input or the output of an earlier node, found '"
                + name
                + "'");
      }
      inputs.add(value);
    }
    return new NodeCall(file, graph.opset(), node, inputs, budget);
  }

  private List<Value> outputs(NodeCall call) {
    String op = call.node().op();
    boolean standard = OnnxFile.isStandard(call.node().domain());
    if (standard && RECURRENT.contains(op)) {
      return RecurrentNode.read(call, kernel);
    }
    Set<String> attributes = OPERATORS.get(op);
    if (!standard || attributes == null) {
      String domain = standard ? "" : " of domain " + call.node().domain();
      throw call.unsupported(
          "expected an operator that a built-in layer supports, found another" + domain);
    }
    call.expectAttributes(attributes);
    return List.of(output(call));
  }

  private static Value output(NodeCall call) {
    return switch (call.node().op()) {
      case "Constant" -> ConstantNode.constant(call);
      case "Identity" -> call.required(0);
      case "Dropout" -> dropout(call);
      case "Cast" -> cast(call);
      case "Transpose" -> ShapeNode.transpose(call);
      case "Squeeze" -> ShapeNode.squeeze(call);
      case "Unsqueeze" -> ShapeNode.unsqueeze(call);
      case "Reshape" -> ShapeNode.reshape(call);
      case "Expand" -> ShapeNode.expand(call);
      case "Shape" -> ShapeNode.shape(call);
      case "ConstantOfShape" -> ShapeNode.constantOfShape(call);
      case "Concat" -> ShapeNode.concat(call);
      case "Slice" -> SelectNode.slice(call);
      case "Gather" -> SelectNode.gather(call);
      case "OneHot" -> SelectNode.oneHot(call);
      case "Gemm" -> HeadNode.gemm(call);
      case "MatMul" -> HeadNode.matMul(call);
      case "Relu" -> HeadNode.activation(call, Activation.RELU);
      case "Tanh" -> HeadNode.activation(call, Activation.TANH);
      case "Sigmoid" -> HeadNode.activation(call, Activation.SIGMOID);
      case "Softmax", "LogSoftmax" -> HeadNode.softmax(call);
      default -> arithmetic(call);
    };
  }

  /** Arithmetic on sizes, or the bias of a linear layer. */
  private static Value arithmetic(NodeCall call) {
    if (!call.inputs().isEmpty()
        && call.inputs().stream()
            .allMatch(value -> value instanceof Sizes || ShapeNode.entries(value) != null)) {
      return new Sizes(null);
    }
    if (call.node().op().equals("Add")) {
      return HeadNode.add(call);
    }
    throw call.unsupported("expected arithmetic on shapes, or the bias of a product");
  }

  private static Value dropout(NodeCall call) {
    Value training = call.optional(2);
    if (training != null && call.constants(2).length == 1 && call.constants(2)[0] == 0) {
      return call.required(0);
    }
    if (training != null) {
      throw call.refused("expected a model exported for inference, found training mode");
    }
    return call.required(0);
  }

  private static Value cast(NodeCall call) {
    long to = call.integer("to", 0);
    boolean toFloat = to == 1 || to == 10 || to == 11 || to == 16; // TensorProto.DataType
    boolean toWhole = (to >= 2 && to <= 7) || to == 12 || to == 13;
    Value value = call.required(0);
    if (!toFloat && !toWhole) {
      throw call.unsupported("expected a cast to floats or integers, found data type " + to);
    }
    if (value instanceof Weights weights) {
      return ConstantNode.cast(call, weights, toFloat);
    }
    if (!(value instanceof Flow flow) || toFloat) {
      return value;
    }
    if (!flow.isInput() || flow.origin().takesIds()) {
      throw call.unsupported("expected no cast of the output of a layer to integers");
    }
    return flow.with(new Origin(flow.origin().input(), true, null, 0, Set.of()), flow.axes());
  }

  private InvalidFileException invalid(OnnxNode node, String problem) {
    return new InvalidFileException(file, node.place(), problem);
  }
}
