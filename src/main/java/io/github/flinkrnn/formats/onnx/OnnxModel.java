package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.Value.Cell;
import io.github.flinkrnn.formats.onnx.Value.Dense;
import io.github.flinkrnn.formats.onnx.Value.Flow;
import io.github.flinkrnn.formats.onnx.Value.Origin;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepGraphs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * Reads an ONNX model. A graph of a whole sequence becomes built-in layers that take single steps
 * ({@link RecurrentNode}, {@link HeadNode}). A step graph that the built-in layers do not support
 * is run by ONNX Runtime ({@link StepGraphReader}).
 */
@Internal
public final class OnnxModel {
  private final String file;
  private final OnnxGraph graph;
  private final NetworkConfig config;
  private final Map<String, Value> values;
  private final WeightsFile weights;
  private final List<Part> parts = new ArrayList<>();

  private OnnxModel(
      WeightsFile weights, OnnxGraph graph, NetworkConfig config, Map<String, Value> values) {
    this.weights = weights;
    this.file = weights.path();
    this.graph = graph;
    this.config = config;
    this.values = values;
  }

  /**
   * Reads the file. {@code model_type} and {@code nonlinearity} in config.json must agree with the
   * graph.
   *
   * @param names the fields of config.json for a step graph; if any is set, the graph is one
   * @throws InvalidFileException when the file is damaged, or its graph is not supported
   */
  public static LoadedNetwork read(WeightsFile weights, NetworkConfig config, StepNames names)
      throws IOException {
    OnnxGraph graph = OnnxFile.read(weights.files(), weights.name(), weights.memory());
    if (!names.isEmpty()) {
      return step(weights, graph, config, names);
    }
    OnnxModel model;
    Flow flow;
    try {
      Map<String, Value> values = new GraphWalk(weights, graph).values();
      model = new OnnxModel(weights, graph, config, values);
      flow = model.output();
    } catch (UnsupportedGraphException e) {
      if (StatePairs.byName(graph).isEmpty()) {
        throw e.refusal(graph);
      }
      return step(weights, graph, config, names);
    }
    return model.network(flow);
  }

  /** A step graph, run by ONNX Runtime. */
  private static LoadedNetwork step(
      WeightsFile weights, OnnxGraph graph, NetworkConfig config, StepNames names)
      throws IOException {
    String file = weights.path();
    if (!config.type().orElse("onnx").equals("onnx")) {
      throw new InvalidFileException(
          config.file(),
          "model_type",
          "expected onnx, because " + file + " is a step graph, found " + config.type().get());
    }
    long size = weights.files().size(weights.name());
    weights.memory().take(file, size);
    weights.memory().expect(file, size); // a second copy, in pieces
    byte[] bytes = weights.files().read(weights.name(), Integer.MAX_VALUE - 1024);
    StepGraph step = new StepGraphReader(weights, graph, config, names).graph(bytes);
    long numbers = graph.constants().values().stream().mapToLong(OnnxTensor::length).sum();
    return new LoadedNetwork(
        StepGraphs.load(step, weights.words()),
        step,
        List.of(StepGraphReader.end(graph, step.output())),
        0,
        numbers,
        StepGraphReader.parts(step),
        List.of());
  }

  private LoadedNetwork network(Flow flow) {
    expectType(flow);
    FMatrixRMaj embedding = embedding(flow.origin());
    int count = 0;
    for (Cell layer : flow.layers()) {
      parts.add(new Part("layer " + ++count, layer.source(), layer.cell(), numbers(layer.from())));
      if (layer.start() != null) {
        parts.add(new Part("initial state " + count, layer.start()));
      }
    }
    List<Linear> head = head(flow);
    OutputActivation activation = activation(flow);
    LayerChain chain =
        new LayerChain(
            embedding,
            flow.layers().stream().map(Cell::cell).toList(),
            head,
            initial(flow.layers()),
            weights.kernel());
    return new LoadedNetwork(chain, OutputEnd.of(activation), parameters(flow), parts)
        .withSteps(steps(flow));
  }

  /** The size of the time dimension of the input; -1 if the file does not fix it. */
  private long steps(Flow flow) {
    for (ValueInfo input : graph.inputs()) {
      boolean hasTime = flow.timeAxis() >= 0 && flow.timeAxis() < input.sizes().length;
      if (input.name().equals(flow.origin().input()) && hasTime) {
        return input.sizes()[flow.timeAxis()];
      }
    }
    return -1;
  }

  /** The only output of the graph that is not a state. */
  private Flow output() {
    List<Flow> flows = new ArrayList<>();
    for (String name : graph.outputNames()) {
      if (values.get(name) instanceof Flow flow && !flow.isInput()) {
        flows.add(flow);
      }
    }
    if (flows.size() > 1) {
      flows.removeIf(Flow::isState);
    }
    if (flows.size() > 1) {
      flows.removeIf(flow -> flow.head().isEmpty());
    }
    if (flows.size() != 1) {
      throw new UnsupportedGraphException(
          file,
          "",
          "expected one output, besides states, that comes from a recurrent node RNN, GRU or LSTM,"
              + " found "
              + graph.outputNames());
    }
    if (!flows.get(0).endsInFeatures()) {
      throw new InvalidFileException(
          file, "", "expected the features of a step as the last dimension of the output");
    }
    return flows.get(0);
  }

  private void expectType(Flow flow) {
    for (Cell layer : flow.layers()) {
      Layer cell = layer.cell();
      String type = cell.type().replaceFirst(" .*", "");
      String asked = config.type().orElse("onnx");
      if (!asked.equals("onnx") && !asked.equals(type)) {
        throw new InvalidFileException(
            config.file(),
            "model_type",
            "expected " + type + " as in " + file + ", found " + asked);
      }
      String g = config.nonlinearity().map(OnnxModel::name).orElse("");
      if (!g.isEmpty() && !cell.type().equals("rnn (" + g + ")")) {
        throw new InvalidFileException(
            config.file(),
            "nonlinearity",
            "expected " + cell.type() + " as in " + file + ", found " + g);
      }
    }
  }

  private static String name(Activation activation) {
    return activation.name().toLowerCase(Locale.ROOT);
  }

  private FMatrixRMaj embedding(Origin origin) {
    int words = weights.words();
    if (!origin.takesIds()) {
      return null;
    }
    if (words == 0) {
      throw new InvalidFileException(
          config.file(),
          "input.type",
          "expected vocabulary, because " + file + " takes word ids as '" + origin.input() + "'");
    }
    if (origin.embedding() == null) {
      return null;
    }
    OnnxTensor e = origin.embedding();
    if (e.shape()[0] != words) {
      String problem = "expected a word for each row of embedding " + e + " in " + file;
      problem += ", found " + words + " words" + WeightsFile.extraRow(e.shape()[0], words);
      throw new InvalidFileException(config.file(), "input.file", problem);
    }
    parts.add(new Part("embedding", e.toString()));
    return FMatrixRMaj.wrap(words, e.shape()[1], e.floats());
  }

  private List<Linear> head(Flow flow) {
    List<Linear> head = new ArrayList<>();
    for (Dense dense : flow.head()) {
      Activation g = dense.activation();
      boolean last = head.size() == flow.head().size() - 1;
      head.add(
          new Linear(
              dense.weights(),
              dense.bias(),
              last && endsInSigmoid(flow) ? Activation.IDENTITY : g,
              weights.kernel()));
      String then = g == Activation.IDENTITY ? "" : ", then " + name(g);
      parts.add(
          new Part(
              "head " + head.size(),
              dense.source() + then,
              head.get(head.size() - 1),
              numbers(dense.from())));
    }
    if (head.isEmpty()) {
      // As large as a matrix of the cell, so the file size bounds it.
      FMatrixRMaj identity = CommonOps_FDRM.identity((int) flow.last().size());
      head.add(new Linear(identity, null, Activation.IDENTITY, weights.kernel()));
      parts.add(new Part("head 1", "none: the output is the hidden state"));
    }
    return head;
  }

  /** Whether the graph ends with a sigmoid, which then is the output activation. */
  private static boolean endsInSigmoid(Flow flow) {
    int count = flow.head().size();
    return flow.ending() == null
        && count > 0
        && flow.head().get(count - 1).activation() == Activation.SIGMOID;
  }

  /** The activation of the outputs. */
  private OutputActivation activation(Flow flow) {
    if (flow.ending() == null) {
      return endsInSigmoid(flow) ? OutputActivation.SIGMOID : OutputActivation.IDENTITY;
    }
    boolean logarithms = flow.ending().op().equals("LogSoftmax");
    if (logarithms && config.heads().get(0).activation().isEmpty()) {
      throw new InvalidFileException(
          file,
          flow.ending().place(),
          "expected output.activation in config.json, because the graph ends with logarithms of"
              + " probabilities: softmax for probabilities, identity for logits");
    }
    String given = logarithms ? ", replaced by output.activation in config.json" : "";
    parts.add(new Part("output", flow.ending().place() + given));
    return logarithms ? OutputActivation.IDENTITY : OutputActivation.SOFTMAX;
  }

  /** The state of all layers before the first token; null for zeros. */
  private static float[] initial(List<Cell> layers) {
    if (layers.stream().allMatch(layer -> layer.h0() == null && layer.c0() == null)) {
      return null;
    }
    float[] state = new float[layers.stream().mapToInt(layer -> layer.cell().stateSize()).sum()];
    int at = 0;
    for (Cell layer : layers) {
      int n = layer.cell().outputSize();
      if (layer.h0() != null) {
        System.arraycopy(layer.h0(), 0, state, at, n);
      }
      if (layer.c0() != null) {
        System.arraycopy(layer.c0(), 0, state, at + n, n);
      }
      at += layer.cell().stateSize();
    }
    return state;
  }

  /** The number of weights. Every weight of the file must lead to the output. */
  private long parameters(Flow flow) {
    Set<String> used = new TreeSet<>(flow.origin().from());
    flow.layers().forEach(layer -> used.addAll(layer.from()));
    flow.head().forEach(linear -> used.addAll(linear.from()));
    for (OnnxTensor tensor : graph.constants().values()) {
      if (tensor.isFloat() && tensor.length() > 0 && !used.contains(tensor.name())) {
        throw new InvalidFileException(
            file,
            "tensor '" + tensor.name() + "'",
            "expected only weights that lead to the output, found one that does not");
      }
    }
    return numbers(used);
  }

  /** How many floats the constants with these names have. */
  private long numbers(Set<String> names) {
    long numbers = 0;
    for (String name : names) {
      if (values.get(name) instanceof Weights weights && weights.tensor().isFloat()) {
        numbers += weights.tensor().length();
      }
    }
    return numbers;
  }
}
