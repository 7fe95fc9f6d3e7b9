package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.LayerLinks.Link;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ejml.data.FMatrixRMaj;

/**
 * The network of a graph of a whole sequence: built-in layers that take single steps, from the
 * vectors that {@link GraphWalk} found.
 */
final class SequenceGraph {
  private final WeightsFile weights;
  private final OnnxGraph graph;
  private final NetworkConfig config;
  private final String file;
  private final GraphWalk walk;
  private final Map<String, Value> values;
  private final LayerLinks links;
  private final List<Part> parts = new ArrayList<>();
  private int cells;

  private SequenceGraph(WeightsFile weights, OnnxGraph graph, NetworkConfig config) {
    this.weights = weights;
    this.graph = graph;
    this.config = config;
    this.file = weights.path();
    this.walk = GraphWalk.over(weights, graph);
    this.values = walk.values();
    this.links = new LayerLinks(weights, walk);
  }

  /**
   * Reads the network.
   *
   * @throws UnsupportedGraphException when the built-in layers cannot compute the graph
   */
  static LoadedNetwork read(WeightsFile weights, OnnxGraph graph, NetworkConfig config) {
    return new SequenceGraph(weights, graph, config).network();
  }

  private LoadedNetwork network() {
    Candidate output = output();
    List<Link> chain = output.chain();
    OutputActivation activation = OutputActivation.IDENTITY;
    String end = output.end();
    if (end.isEmpty() && endsInSigmoid(chain)) {
      chain.remove(chain.size() - 1);
      activation = OutputActivation.SIGMOID;
    }
    Term input = output.term().input();
    FMatrixRMaj embedding = embedding(input);
    List<Link> layers = links.layers(chain);
    layers.forEach(this::expectType);
    int top = top(layers);
    for (int i = 0; i < layers.size(); i++) {
      addPart(layers.get(i), i > top);
    }
    if (activation == OutputActivation.SIGMOID) {
      parts.add(new Part("output", "sigmoid"));
    }
    if (!end.isEmpty()) {
      activation = activation(end);
    }
    LayerChain network =
        LayerChain.of(
            embedding,
            layers.stream().map(Link::layer).toList(),
            List.of(),
            initial(layers, top),
            walk.kernel());
    Set<String> used = new TreeSet<>(input.from());
    layers.forEach(link -> used.addAll(link.from()));
    expectUsed();
    return new LoadedNetwork(network, OutputEnd.of(activation), numbers(used), parts)
        .withSteps(walk.time() == null || walk.time().isFree() ? -1 : walk.time().size());
  }

  /**
   * An output that the built-in layers compute.
   *
   * @param term the vector, without a softmax at the end
   * @param end the place of the node of that softmax; empty for none
   */
  private record Candidate(Signal signal, Term term, String end, List<Link> chain) {
    boolean hasState() {
      return chain.stream().anyMatch(Candidate::hasState);
    }

    private static boolean hasState(Link link) {
      return link.term().kind() instanceof Cell
          || (link.term().kind() instanceof Term.Made made && made.layer().stateSize() > 0)
          || link.inner().stream().anyMatch(Candidate::hasState);
    }
  }

  /** The only output of the graph that is not a state. */
  private Candidate output() {
    UnsupportedGraphException why = null;
    List<Candidate> found = new ArrayList<>();
    for (String name : graph.outputNames()) {
      why = why == null ? walk.whyNot(name) : why;
      if (!(values.get(name) instanceof Signal signal) || isState(signal)) {
        continue;
      }
      try {
        Candidate candidate = candidate(signal);
        if (candidate.hasState()) {
          found.add(candidate);
        }
      } catch (UnsupportedGraphException e) {
        why = why == null ? e : why;
      }
    }
    if (found.size() > 1) {
      found.removeIf(candidate -> candidate.signal().isState());
    }
    if (found.size() > 1) {
      found.removeIf(candidate -> isRecurrent(candidate.term()));
    }
    if (found.isEmpty() && why != null) {
      throw why;
    }
    if (found.size() != 1) {
      throw new UnsupportedGraphException(
          file,
          "",
          "expected one output, besides states, that comes from a recurrent node RNN, GRU or LSTM,"
              + " found "
              + graph.outputNames());
    }
    if (!found.get(0).signal().endsInFeatures()) {
      throw new InvalidFileException(
          file, "", "expected the features of a step as the last dimension of the output");
    }
    return found.get(0);
  }

  private static boolean isState(Signal signal) {
    return signal.term().kind() instanceof Term.State || signal.term().input() == signal.term();
  }

  private static boolean isRecurrent(Term term) {
    return term.kind() instanceof Cell || term.kind() instanceof Term.Step;
  }

  private Candidate candidate(Signal signal) {
    Term term = signal.term();
    boolean ends = term.is(Term.SOFTMAX) || term.is(Term.LOG_SOFTMAX);
    Term vector = ends ? term.x() : term;
    return new Candidate(signal, vector, ends ? term.source() : "", links.to(vector));
  }

  /** Whether the graph ends with a sigmoid, which then is the output activation. */
  private static boolean endsInSigmoid(List<Link> chain) {
    int last = chain.size() - 1;
    return last >= 0
        && chain.get(last).inner().isEmpty()
        && chain.get(last).term().is(Activation.SIGMOID);
  }

  private static int top(List<Link> layers) {
    int top = layers.size() - 1;
    while (layers.get(top).layer().stateSize() == 0) {
      top--;
    }
    return top;
  }

  private float[] initial(List<Link> layers, int top) {
    float[] state = LayerLinks.initial(layers.subList(0, top + 1));
    if (state == null || layers.get(top).layer().keepsOutput()) {
      return state;
    }
    // The output of the top layer is kept before its own state.
    int own = layers.get(top).layer().stateSize();
    int below = state.length - own;
    float[] kept = new float[state.length + layers.get(top).layer().outputSize()];
    System.arraycopy(state, 0, kept, 0, below);
    System.arraycopy(state, below, kept, kept.length - own, own);
    return kept;
  }

  private void addPart(Link link, boolean isHead) {
    String name = link.layer().type();
    if (link.term().kind() instanceof Cell cell) {
      name = "layer " + ++cells;
      parts.add(new Part(name, link.source(), link.layer(), numbers(link.from())));
      if (cell.start() != null) {
        parts.add(new Part("initial state " + cells, cell.start()));
      }
      return;
    }
    if (link.layer() instanceof io.github.flinkrnn.layer.Linear) {
      name = (isHead ? "head " : "linear ") + (1 + count(isHead ? "head " : "linear "));
    }
    parts.add(new Part(name, link.source(), link.layer(), numbers(link.from())));
    link.inner().forEach(inner -> addPart(inner, isHead));
  }

  private long count(String prefix) {
    return parts.stream().filter(part -> part.name().startsWith(prefix)).count();
  }

  private void expectType(Link link) {
    link.inner().forEach(this::expectType);
    if (!(link.term().kind() instanceof Cell)) {
      return;
    }
    Layer cell = link.layer();
    String type = cell.type().replaceFirst(" .*", "");
    String asked = config.type().orElse("onnx");
    if (!asked.equals("onnx") && !asked.equals(type)) {
      throw new InvalidFileException(
          config.file(), "model_type", "expected " + type + " as in " + file + ", found " + asked);
    }
    String g = config.nonlinearity().map(of -> of.name().toLowerCase(Locale.ROOT)).orElse("");
    if (!g.isEmpty() && !cell.type().equals("rnn (" + g + ")")) {
      throw new InvalidFileException(
          config.file(),
          "nonlinearity",
          "expected " + cell.type() + " as in " + file + ", found " + g);
    }
  }

  private FMatrixRMaj embedding(Term input) {
    Input of = (Input) input.kind();
    int words = weights.words();
    if (!of.takesIds()) {
      return null;
    }
    if (words == 0) {
      throw new InvalidFileException(
          config.file(),
          "input.type",
          "expected vocabulary, because " + file + " takes word ids as '" + of.name() + "'");
    }
    if (of.embedding() == null) {
      return null;
    }
    OnnxTensor e = of.embedding();
    if (e.shape()[0] != words) {
      String problem = "expected a word for each row of embedding " + e + " in " + file;
      problem += ", found " + words + " words" + WeightsFile.extraRow(e.shape()[0], words);
      throw new InvalidFileException(config.file(), "input.file", problem);
    }
    parts.add(new Part("embedding", e.toString()));
    return FMatrixRMaj.wrap(words, e.shape()[1], e.floats());
  }

  /** The activation of the outputs, of a softmax at the end. */
  private OutputActivation activation(String end) {
    boolean logarithms = end.endsWith("(LogSoftmax)") || end.endsWith("(Log)");
    if (logarithms && config.heads().get(0).activation().isEmpty()) {
      throw new InvalidFileException(
          file,
          end,
          "expected output.activation in config.json, because the graph ends with logarithms of"
              + " probabilities: softmax for probabilities, identity for logits");
    }
    String given = logarithms ? ", replaced by output.activation in config.json" : "";
    parts.add(new Part("output", end + given));
    return logarithms ? OutputActivation.IDENTITY : OutputActivation.SOFTMAX;
  }

  /** Checks that all weights lead to an output. */
  private void expectUsed() {
    Map<String, OnnxNode> makers = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(name -> makers.put(name, node));
    }
    Set<String> used = new HashSet<>(graph.outputNames());
    List<String> open = new ArrayList<>(used);
    while (!open.isEmpty()) {
      OnnxNode node = makers.get(open.remove(open.size() - 1));
      for (String name : node == null ? List.<String>of() : needs(node)) {
        if (used.add(name)) {
          open.add(name);
        }
      }
    }
    for (OnnxTensor tensor : graph.constants().values()) {
      if (tensor.isFloat() && tensor.length() > 0 && !used.contains(tensor.name())) {
        throw new InvalidFileException(
            file,
            "tensor '" + tensor.name() + "'",
            "expected only weights that lead to the output, found one that does not");
      }
    }
  }

  /** The values that a node takes, also inside its branches. */
  private static List<String> needs(OnnxNode node) {
    List<String> names = new ArrayList<>(node.inputs());
    for (Object value : node.attributes().values()) {
      if (value instanceof OnnxGraph branch) {
        names.addAll(branch.outputNames());
        branch.nodes().forEach(inner -> names.addAll(needs(inner)));
      }
    }
    return names;
  }

  /** How many floats the constants with these names have. */
  private long numbers(Set<String> names) {
    long numbers = 0;
    for (String name : names) {
      if (values.get(name) instanceof Value.Weights constant && constant.tensor().isFloat()) {
        numbers += constant.tensor().length();
      }
    }
    return numbers;
  }
}
