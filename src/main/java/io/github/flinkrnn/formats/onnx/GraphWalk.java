package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.kernel.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Visits the nodes once, in file order, which ONNX requires to be a topological order. Constants
 * are computed; of each value that depends on the sequence, it records the vector of each step as
 * an expression ({@link Term}). A size that is known only when the graph runs gets an example, a
 * large prime, so that the sizes that exporters compute in the graph are plain numbers.
 */
final class GraphWalk {
  private static final int FIRST_EXAMPLE = 1009;
  private static final int MAX_SIZE = 1 << 24;
  private static final int MAX_FOUND = 4;
  private static final long MAX_STEPS = 1L << 31; // multiply-adds of constants

  private final String file;
  private final OnnxGraph graph;
  private final Kernel kernel;
  private final LoadMemory memory;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, UnsupportedGraphException> unknown = new HashMap<>();
  private final Map<Integer, Integer> found; // sizes by the id of an axis
  private int example = FIRST_EXAMPLE;
  private long numbersLeft; // so that a small file cannot fill the heap
  private long stepsLeft = MAX_STEPS;
  private int nextAxis;
  private int inputAxes; // the ids of the inputs' dimensions are below
  private Axis time; // null before the first layer that needs it

  // Terms that must be the same object if they are asked for again.
  private final Map<Term, Map<Integer, Term>> featuresOf = new HashMap<>();
  private final Map<Term, Map<List<Integer>, Term>> stepsOf = new HashMap<>();
  private final Map<Term, Axis> axisOf = new HashMap<>();
  private final Map<Term, List<Term>> productsOf = new HashMap<>();

  /**
   * A size that the file declares free although a node of the graph fixes it, because the exporter
   * saw only one example. The walk begins again with this size.
   */
  static final class FixedSizeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int axis;
    private final int size;

    FixedSizeException(int axis, int size) {
      super("axis " + axis + " has size " + size, null, false, false);
      this.axis = axis;
      this.size = size;
    }
  }

  private GraphWalk(WeightsFile weights, OnnxGraph graph, Map<Integer, Integer> found) {
    this.found = found;
    this.file = weights.path();
    this.graph = graph;
    this.kernel = weights.kernel();
    this.memory = weights.memory();
    long numbers = graph.constants().values().stream().mapToLong(OnnxTensor::length).sum();
    this.numbersLeft = 16 * numbers + (1 << 24);
  }

  /** Visits all nodes. */
  static GraphWalk over(WeightsFile weights, OnnxGraph graph) {
    Map<Integer, Integer> found = new HashMap<>();
    while (true) {
      GraphWalk walk = new GraphWalk(weights, graph, found);
      try {
        walk.visitAll();
        return walk;
      } catch (FixedSizeException e) {
        found.put(e.axis, e.size);
      }
    }
  }

  /** Begins the walk again with a size that a node fixes, if the file declares it free. */
  void foundSize(Axis axis, long size) {
    boolean isNew = size <= Integer.MAX_VALUE && axis.isFree() && !found.containsKey(axis.id());
    if (isNew && axis.id() >= 0 && found.size() < MAX_FOUND && axis.id() < inputAxes) {
      throw new FixedSizeException(axis.id(), (int) size);
    }
  }

  String file() {
    return file;
  }

  long opset() {
    return graph.opset();
  }

  Kernel kernel() {
    return kernel;
  }

  /** What is known about each value of the graph, by name. */
  Map<String, Value> values() {
    return values;
  }

  private void visitAll() {
    if (graph.unsupported() != null) {
      throw graph.unsupported();
    }
    graph.constants().forEach((name, of) -> values.put(name, new Weights(of, Set.of(name))));
    for (ValueInfo input : graph.inputs()) {
      // Old files list their initializers as inputs too.
      if (!values.containsKey(input.name()) && input.sizes() != null) {
        values.put(input.name(), signal(input));
      } else if (input.sizes() == null) {
        unknown.put(
            input.name(),
            new UnsupportedGraphException(
                file, "input '" + input.name() + "'", "expected an input with a shape"));
      }
    }
    inputAxes = nextAxis;
    for (OnnxNode node : graph.nodes()) {
      visit(node);
    }
  }

  /** Why the built-in layers cannot compute a value; null if they can. */
  UnsupportedGraphException whyNot(String value) {
    return unknown.get(value);
  }

  private void visit(OnnxNode node) {
    List<Value> outputs;
    try {
      NodeCall call = call(node);
      outputs = node.op().equals("If") ? branch(call) : NodeTable.outputs(call);
    } catch (UnsupportedGraphException e) {
      // It matters only if the output of the graph needs it.
      node.outputs().forEach(name -> unknown.putIfAbsent(name, e));
      return;
    } catch (InvalidFileException e) {
      if (unknown.isEmpty()) {
        throw e;
      }
      // The graph may be one that only ONNX Runtime can run, which knows more than this walk.
      UnsupportedGraphException why =
          new UnsupportedGraphException(file, "", e.getMessage().substring(file.length() + 2));
      node.outputs().forEach(name -> unknown.putIfAbsent(name, why));
      return;
    }
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

  /**
   * The outputs of the branch that a constant condition takes. Exporters write an If where they do
   * not know a size, as for a squeeze.
   */
  private List<Value> branch(NodeCall call) {
    call.expectAttributes(Set.of("then_branch", "else_branch"));
    if (!call.isConstant() || call.constants(0).length != 1) {
      throw call.unsupported("expected a condition that depends only on sizes");
    }
    String name = call.constants(0)[0] == 0 ? "else_branch" : "then_branch";
    OnnxGraph graph = call.attribute(name, OnnxGraph.class, null);
    if (graph == null || !graph.inputs().isEmpty()) {
      throw call.refused("missing: expected the graph " + name);
    }
    Set<String> outside = new HashSet<>(values.keySet());
    graph.constants().forEach((of, tensor) -> values.put(of, new Weights(tensor, Set.of(of))));
    graph.nodes().forEach(this::visit);
    List<Value> outputs = new ArrayList<>();
    for (String output : graph.outputNames()) {
      Value value = values.get(output);
      if (value == null && unknown.containsKey(output)) {
        throw unknown.get(output);
      }
      if (value == null) {
        throw call.refused("expected an output of a node, found '" + output + "'");
      }
      outputs.add(value);
    }
    values.keySet().retainAll(outside);
    return outputs;
  }

  private Value signal(ValueInfo input) {
    if (input.sizes().length > Axis.MAX_RANK) {
      throw new InvalidFileException(
          file, "input '" + input.name() + "'", "expected at most 16 dimensions");
    }
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < input.sizes().length; i++) {
      long size = input.sizes()[i];
      if (size > MAX_SIZE) {
        throw new InvalidFileException(
            file, "input '" + input.name() + "'", "expected sizes up to 2^24, found " + size);
      }
      boolean isFree = size < 0 && !found.containsKey(nextAxis);
      size = found.getOrDefault(nextAxis, (int) size);
      axes.add(Axis.of(nextAxis++, isFree ? nextExample() : (int) size, isFree));
    }
    Input kind = new Input(input.name(), input.isInteger(), false, null, 0);
    return new Signal(new Term(kind, List.of(), 0, "input '" + input.name() + "'", Set.of()), axes);
  }

  private int nextExample() {
    int found = example;
    do {
      example += 2;
    } while (!isPrime(example));
    return found;
  }

  private static boolean isPrime(int number) {
    for (int i = 3; i * i <= number; i += 2) {
      if (number % i == 0) {
        return false;
      }
    }
    return true;
  }

  private NodeCall call(OnnxNode node) {
    List<Value> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Value value = values.get(name);
      if (value == null && unknown.containsKey(name)) {
        throw unknown.get(name);
      }
      if (value == null && !name.isEmpty()) {
        throw invalid(
            node,
            "expected an initializer, a graph input or the output of an earlier node, found '"
                + name
                + "'");
      }
      inputs.add(value);
    }
    return new NodeCall(this, node, inputs);
  }

  private InvalidFileException invalid(OnnxNode node, String problem) {
    return new InvalidFileException(file, node.place(), problem);
  }

  /** Reserves memory for new numbers. */
  int take(NodeCall call, long numbers) {
    numbersLeft -= numbers;
    if (numbers < 0 || numbers > Integer.MAX_VALUE || numbersLeft < 0) {
      throw call.refused("expected fewer numbers, found many more than the file holds");
    }
    memory.take(file, Float.BYTES * numbers);
    return (int) numbers;
  }

  /** Reserves time for multiply-adds of constants. */
  void compute(NodeCall call, long steps) {
    stepsLeft -= steps;
    if (stepsLeft < 0) {
      throw call.refused("expected fewer products of constants, found more than 2^31 numbers");
    }
  }

  /** A new dimension of 1. */
  Axis single() {
    return Axis.of(nextAxis++, 1, false);
  }

  /** The dimension that the layers step along; null without a layer that needs it. */
  Axis time() {
    return time;
  }

  /** Whether layers step along this dimension. If none does yet, this one is it. */
  boolean isTime(Axis axis) {
    if (time == null) {
      time = Axis.of(axis.id(), axis.size(), axis.isFree());
    }
    return axis.id() == time.id();
  }

  boolean isNotTime(Axis axis) {
    return time != null && axis.id() != time.id();
  }

  /** Checks that a layer steps along the same dimension as those below it. */
  void expectTime(NodeCall call, Axis axis) {
    boolean mayBe = axis.id() != Axis.FEATURES && axis.merged().isEmpty();
    if (time == null && mayBe) {
      time = Axis.of(axis.id(), axis.size() - axis.before() - axis.after(), axis.isFree());
    }
    boolean isSame =
        time != null && (axis.id() == time.id() || (axis.size() == 1 && time.size() == 1));
    if (!mayBe || !isSame) {
      throw call.unsupported(
          "expected X with the dimensions time, batch and features in the order of this operator");
    }
  }

  /** The vectors of a graph input along one of its dimensions. */
  Term featuresAlong(Term raw, Axis axis, int size) {
    if (raw.kind() instanceof At at) {
      return at(featuresAlong(raw.x(), axis, size), axisOf.get(raw), at.k(), raw.source());
    }
    return featuresOf
        .computeIfAbsent(raw, unused -> new HashMap<>())
        .computeIfAbsent(
            axis.id(), unused -> new Term(raw.kind(), List.of(), size, raw.source(), raw.from()));
  }

  /** Step k of a sequence along a dimension. */
  Signal at(NodeCall call, Signal signal, Axis axis, int k) {
    if (!axis.merged().isEmpty() || axis.isPadded() || signal.isState()) {
      throw call.unsupported("expected one step of what the layers compute, the last");
    }
    return signal.with(at(signal.term(), axis, k, call.node().place()));
  }

  /** Step k of a vector along a dimension. */
  Term at(Term x, Axis axis, int k, String source) {
    return stepsOf
        .computeIfAbsent(x, unused -> new HashMap<>())
        .computeIfAbsent(
            List.of(axis.id(), k),
            unused -> {
              Term step = new Term(new At(k), List.of(x), x.size(), source, Set.of());
              axisOf.put(step, axis);
              return step;
            });
  }

  /** The dimension of which a term {@link At} is one step. */
  Axis axisOf(Term step) {
    return axisOf.get(step);
  }

  /**
   * W x. That of one step of a sequence is the step of W x for the whole sequence, so that the
   * steps of a recurrence that is written out have one input.
   */
  Term linear(NodeCall call, Term x, Linear linear, String source, Set<String> from) {
    if (x.kind() instanceof At at) {
      return at(linear(call, x.x(), linear, source, from), axisOf.get(x), at.k(), x.source());
    }
    List<Term> known = productsOf.computeIfAbsent(x, unused -> new ArrayList<>());
    for (Term term : known) {
      float[] w = ((Linear) term.kind()).w().getData();
      compute(call, 1 + w.length / 16);
      if (Arrays.equals(w, linear.w().getData()) && term.size() == linear.w().getNumRows()) {
        return term;
      }
    }
    Term term = new Term(linear, List.of(x), linear.w().getNumRows(), source, from);
    known.add(term);
    return term;
  }
}
