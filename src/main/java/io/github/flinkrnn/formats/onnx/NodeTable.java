package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The operators that the built-in layers support, with their attributes. */
final class NodeTable {
  private static final Set<String> RECURRENT = Set.of("RNN", "GRU", "LSTM");
  private static final Map<String, Operator> OPERATORS = new HashMap<>();

  /**
   * An operator with one output.
   *
   * @param ofSequence the output for an input that depends on the sequence
   * @param ofConstants the output if all inputs are constants
   */
  private record Operator(
      Set<String> attributes,
      Function<NodeCall, Value> ofSequence,
      Function<NodeCall, Value> ofConstants) {}

  private NodeTable() {}

  private static void moves(String ops, Function<NodeCall, Value> of, String... attributes) {
    for (String op : ops.split(" ", -1)) {
      OPERATORS.put(op, new Operator(Set.of(attributes), of, of));
    }
  }

  private static void computes(String ops, Function<NodeCall, Value> of, String... attributes) {
    for (String op : ops.split(" ", -1)) {
      OPERATORS.put(op, new Operator(Set.of(attributes), of, NodeTable::computed));
    }
  }

  static {
    moves("Identity", call -> call.required(0));
    moves("Dropout", NodeTable::dropout, "ratio", "seed");
    moves("Cast", NodeTable::cast, "to", "saturate", "round_mode");
    moves("Transpose", ShapeNode::transpose, "perm");
    moves("Squeeze", ShapeNode::squeeze, "axes");
    moves("Unsqueeze", ShapeNode::unsqueeze, "axes");
    moves("Reshape", ShapeNode::reshape, "allowzero");
    moves("Expand", ShapeNode::expand);
    moves("Shape", ShapeNode::shape, "start", "end");
    moves("Size", ShapeNode::size);
    moves("ConstantOfShape", ShapeNode::constantOfShape, "value");
    moves("Gather", SelectNode::gather, "axis");
    moves("Slice", SelectNode::slice, "starts", "ends", "axes");
    moves("Concat", JoinNode::concat, "axis");
    moves(
        "Constant",
        ConstantNode::constant,
        "value",
        "value_float",
        "value_floats",
        "value_int",
        "value_ints");
    computes("Flatten", ShapeNode::flatten, "axis");
    computes("Pad", JoinNode::pad, "mode", "pads", "value");
    computes("OneHot", SelectNode::oneHot, "axis");
    computes("SplitToSequence", SelectNode::steps, "axis", "keepdims");
    computes("SequenceAt", SelectNode::stepAt);
    computes("Gemm", LinearNode::gemm, "alpha", "beta", "transA", "transB");
    computes("MatMul", LinearNode::matMul);
    computes(
        "Conv", ConvNode::of, "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides");
    computes("Add Sub Mul Div Pow", ArithmeticNode::of);
    computes("Relu Tanh Sigmoid Softplus Softsign Mish HardSwish", ActivationNode::of);
    computes("Clip", ActivationNode::clip, "min", "max");
    computes("LeakyRelu Elu Swish", ActivationNode::of, "alpha");
    computes("HardSigmoid", ActivationNode::of, "alpha", "beta");
    computes("Gelu", ActivationNode::of, "approximate");
    computes("Softmax LogSoftmax", ActivationNode::softmax, "axis");
    computes(
        "Erf Sqrt Exp Log Reciprocal",
        call -> ArithmeticNode.piece(call, call.signal(0), call.op()));
    computes("Neg", ArithmeticNode::negative);
    computes("Equal", SelectNode::oneHotByComparison);
    computes("Greater", ActivationNode::above);
    computes("Where", ActivationNode::where);
    computes("ReduceMean", ActivationNode::mean, "axes", "keepdims", "noop_with_empty_axes");
    computes(
        "BatchNormalization", NormNode::batch, "epsilon", "momentum", "spatial", "training_mode");
    computes("LayerNormalization", NormNode::layer, "axis", "epsilon", "stash_type");
    computes("RMSNormalization", NormNode::layer, "axis", "epsilon", "stash_type");
    computes(
        "Range Min Max Mod Less LessOrEqual GreaterOrEqual And Or Not Abs Floor Ceil",
        NodeTable::onlyConstants,
        "fmod");
    computes(
        "ReduceProd ReduceSum ReduceMax ReduceMin",
        NodeTable::onlyConstants,
        "axes",
        "keepdims",
        "noop_with_empty_axes");
  }

  /** The values of the outputs of a node. */
  static List<Value> outputs(NodeCall call) {
    String op = call.op();
    boolean isStandard = OnnxFile.isStandard(call.node().domain());
    if (isStandard && RECURRENT.contains(op)) {
      return RecurrentNode.read(call);
    }
    if (isStandard && op.equals("Split")) {
      call.expectAttributes(Set.of("axis", "split", "num_outputs"));
      return SelectNode.split(call);
    }
    Operator operator = OPERATORS.get(op);
    if (!isStandard || operator == null) {
      String domain = isStandard ? "" : " of domain " + call.node().domain();
      throw call.unsupported(
          "expected an operator that a built-in layer supports, found another" + domain);
    }
    call.expectAttributes(operator.attributes());
    Value output =
        call.isConstant() ? operator.ofConstants().apply(call) : operator.ofSequence().apply(call);
    // Later outputs of these are only for training.
    boolean hasMore = call.node().outputs().size() > 1 && mayHaveMore(op);
    return hasMore ? moreTimes(output, call.node().outputs().size()) : List.of(output);
  }

  private static boolean mayHaveMore(String op) {
    return Set.of("Dropout", "BatchNormalization", "LayerNormalization").contains(op);
  }

  private static List<Value> moreTimes(Value output, int count) {
    List<Value> all = new ArrayList<>(List.of(output));
    while (all.size() < count) {
      State unused = new State("an output for training");
      all.add(new Signal(new Term(unused, List.of(), 0, unused.what(), Set.of()), List.of()));
    }
    return all;
  }

  private static Value computed(NodeCall call) {
    Weights result = ConstantMath.compute(call);
    if (result == null) {
      throw call.unsupported("expected the sequence or the output of a layer, found a constant");
    }
    return result;
  }

  private static Value onlyConstants(NodeCall call) {
    throw call.unsupported("expected arithmetic on shapes, or an operator of a built-in layer");
  }

  private static Value dropout(NodeCall call) {
    Value training = call.optional(2);
    if (training != null && !(call.constants(2).length == 1 && call.constants(2)[0] == 0)) {
      throw call.refused("expected a model exported for inference, found training mode");
    }
    return call.required(0);
  }

  private static Value cast(NodeCall call) {
    long to = call.integer("to", 0);
    boolean toFloat = to == 1 || to == 10 || to == 11 || to == 16; // TensorProto.DataType
    boolean toWhole = (to >= 2 && to <= 7) || to == 9 || to == 12 || to == 13;
    Value value = call.required(0);
    if (!toFloat && !toWhole) {
      throw call.unsupported("expected a cast to floats or integers, found data type " + to);
    }
    if (value instanceof Weights weights) {
      return ConstantNode.cast(call, weights, toFloat);
    }
    if (!(value instanceof Signal signal) || toFloat) {
      return value;
    }
    if (signal.term().kind() instanceof Input input && input.oneHot() > 0) {
      return value; // zeros and a one
    }
    boolean isIds = signal.term().kind() instanceof Input input && !input.takesIds();
    if (!isIds || ((Input) signal.term().kind()).isPart()) {
      throw call.unsupported("expected no cast of the output of a layer to integers");
    }
    Input ids = new Input(((Input) signal.term().kind()).name(), true, false, null, 0);
    return signal.with(new Term(ids, List.of(), 0, signal.term().source(), signal.term().from()));
  }
}
