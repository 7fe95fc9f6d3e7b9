package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.GraphOutputs.Candidate;
import io.github.flinkrnn.formats.onnx.LayerLinks.Link;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.network.LayerNetwork;
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
  private final List<Part> outputParts = new ArrayList<>();
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
   * @param names the outputs to compute, if config.json names them
   * @throws UnsupportedGraphException when the built-in layers cannot compute the graph
   */
  static LoadedNetwork read(
      WeightsFile weights, OnnxGraph graph, NetworkConfig config, StepNames names) {
    return new SequenceGraph(weights, graph, config).network(names);
  }

  private LoadedNetwork network(StepNames names) {
    List<Candidate> outputs = new GraphOutputs(file, graph, walk, links).chosen(names, config);
    List<OutputEnd> ends = new ArrayList<>();
    List<List<Link>> chains = new ArrayList<>();
    Term input = outputs.get(0).term().input();
    for (int h = 0; h < outputs.size(); h++) {
      List<Link> chain = new ArrayList<>(outputs.get(h).chain());
      boolean isSigmoid = outputs.get(h).end().isEmpty() && endsInSigmoid(chain);
      if (isSigmoid) {
        chain.remove(chain.size() - 1);
      }
      chains.add(chain);
      ends.add(OutputEnd.of(activation(outputs.get(h).end(), isSigmoid, h)));
    }
    FMatrixRMaj embedding = embedding(input);
    int shared = outputs.size() == 1 ? chains.get(0).size() : shared(chains);
    List<Link> layers = links.layers(chains.get(0).subList(0, shared));
    List<List<Link>> heads = new ArrayList<>();
    for (int h = 0; outputs.size() > 1 && h < outputs.size(); h++) {
      heads.add(links.layers(chains.get(h).subList(shared, chains.get(h).size())));
      if (outputs.get(h).term().input() != input
          || heads.get(h).stream().anyMatch(GraphOutputs::hasState)) {
        throw new UnsupportedGraphException(
            file,
            "",
            "expected heads without a recurrent layer of their own, above one recurrence");
      }
    }
    layers.forEach(this::expectType);
    int top = top(layers);
    expectChained(layers, top);
    for (int i = 0; i < layers.size(); i++) {
      addPart(layers.get(i), i > top);
    }
    heads.forEach(head -> head.forEach(link -> addPart(link, true)));
    parts.addAll(outputParts);
    LayerNetwork network =
        LayerNetwork.of(
            embedding,
            layers.stream().map(Link::layer).toList(),
            heads.stream().map(head -> head.stream().map(Link::layer).toList()).toList(),
            initial(layers, top),
            walk.kernel());
    Set<String> used = new TreeSet<>(input.from());
    layers.forEach(link -> used.addAll(link.from()));
    heads.forEach(head -> head.forEach(link -> used.addAll(link.from())));
    expectUsed();
    return new LoadedNetwork(network, ends, numbers(used), parts)
        .withSteps(walk.time() == null || walk.time().isFree() ? -1 : walk.time().size());
  }

  /** How many links all heads have in common, from the bottom. */
  private static int shared(List<List<Link>> chains) {
    int shared = 0;
    while (true) {
      for (List<Link> chain : chains) {
        if (shared == chain.size()
            || chain.get(shared).term() != chains.get(0).get(shared).term()) {
          return shared;
        }
      }
      shared++;
    }
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
    while (layers.get(top).layer().stateSize() == 0
        && !(layers.get(top).layer() instanceof Bidirectional)) {
      top--;
    }
    return top;
  }

  /**
   * Checks that the layers of a network with bidirectional ones are a chain that begins at zero.
   */
  private void expectChained(List<Link> layers, int top) {
    if (layers.stream().noneMatch(link -> Bidirectional.isIn(link.layer()))) {
      return;
    }
    for (int i = 0; i <= top; i++) {
      Link link = layers.get(i);
      boolean isIn = Bidirectional.isIn(link.layer());
      if (isIn && !(link.layer() instanceof Bidirectional)) {
        throw new UnsupportedGraphException(
            file,
            "",
            "expected bidirectional layers in one chain from the input to the outputs, found one"
                + " in parallel with other layers");
      }
      if (i < top && link.layer() instanceof Bidirectional both && both.readsFinal()) {
        throw new UnsupportedGraphException(
            file, "", "expected no recurrent layer above the last states of a bidirectional layer");
      }
      if (link.initial() != null) {
        throw new UnsupportedGraphException(
            file,
            "",
            "expected zeros as the initial state of each layer in a network with bidirectional"
                + " layers");
      }
    }
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
    if (link.layer() instanceof Bidirectional both) {
      expectType(both.backward());
      if (both.forward() != null) {
        expectType(both.forward());
      }
    } else {
      expectType(link.layer());
    }
  }

  private void expectType(Layer cell) {
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

  /** The activation of a head: a softmax or a sigmoid at the end. */
  private OutputActivation activation(String end, boolean isSigmoid, int head) {
    if (end.isEmpty()) {
      if (isSigmoid) {
        outputParts.add(new Part("output", "sigmoid"));
      }
      return isSigmoid ? OutputActivation.SIGMOID : OutputActivation.IDENTITY;
    }
    boolean logarithms = end.endsWith("(LogSoftmax)") || end.endsWith("(Log)");
    NetworkConfig.Head said = config.heads().get(head);
    if (logarithms && said.activation().isEmpty()) {
      throw new InvalidFileException(
          file,
          end,
          "expected "
              + said.place()
              + ".activation in config.json, because the graph ends with logarithms of"
              + " probabilities: softmax for probabilities, identity for logits");
    }
    String given = logarithms ? ", replaced by " + said.place() + ".activation in config.json" : "";
    outputParts.add(new Part("output", end + given));
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
