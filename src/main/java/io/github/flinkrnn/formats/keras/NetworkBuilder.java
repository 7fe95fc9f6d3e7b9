package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.keras.LayerSpec.Embedding;
import io.github.flinkrnn.formats.keras.LayerSpec.Joined;
import io.github.flinkrnn.formats.keras.LayerSpec.Masking;
import io.github.flinkrnn.formats.keras.ModelGraph.Output;
import io.github.flinkrnn.formats.keras.ModelGraph.Vertex;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.CausalConvolution;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.LayerGraph.Node;
import io.github.flinkrnn.layer.Masked;
import io.github.flinkrnn.network.LayerNetwork;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Builds the network of a model: the layers that all heads share, and each head. What does not form
 * a chain becomes a layer that is a graph.
 */
final class NetworkBuilder {
  private final String file;
  private final Weights weights;
  private final LayerBuilder builder;
  private final Kernel kernel;
  private final ModelGraph model;
  private final NetworkGraph graph;
  private final int[] nodes; // of each vertex: the node that gives its output
  private final int[] uses; // of each vertex, by other vertices
  private LayerSpec mask; // what says which tokens are padding; null for none
  private int maskAt; // the node that it follows
  private final List<Integer> masked = new ArrayList<>(); // the cells that skip padding
  private boolean embeds;

  NetworkBuilder(String file, Weights weights, ModelGraph model, int words, Kernel kernel) {
    this.file = file;
    this.weights = weights;
    this.kernel = kernel;
    this.model = model;
    this.builder = new LayerBuilder(file, weights, words, kernel);
    this.graph = new NetworkGraph(model.inputSize());
    this.nodes = new int[model.vertices().size()];
    this.uses = new int[nodes.length];
    model.vertices().forEach(vertex -> vertex.inputs().forEach(input -> uses[input]++));
  }

  /**
   * Reads the weights.
   *
   * @param outputs the heads that the network has
   */
  LoadedNetwork build(List<Output> outputs) {
    Set<Integer> ends =
        model.outputs().stream()
            .map(Output::vertex)
            .filter(vertex -> uses[vertex] == 0)
            .collect(Collectors.toSet());
    for (int v = 1; v < nodes.length; v++) {
      nodes[v] = add(model.vertices().get(v), ends.contains(v));
    }
    weights.expectAllUsed();
    List<Integer> heads = outputs.stream().map(output -> nodes[output.vertex()]).toList();
    skipPadding(model.outputs().stream().map(output -> nodes[output.vertex()]).toList());
    BitSet needed = new BitSet();
    heads.forEach(head -> needed.or(graph.ancestors(head)));
    expectState(needed);
    List<OutputEnd> said = new ArrayList<>();
    for (Output output : outputs) {
      said.add(end(output.vertex(), ends.contains(output.vertex())));
    }
    List<Layer> shared;
    List<List<Layer>> own;
    if (heads.size() == 1) {
      shared = graph.chain(0, heads.get(0));
      own = List.of();
    } else {
      HeadSplit split = HeadSplit.of(file, graph, needed, heads, weights);
      shared = split.shared();
      own = split.heads();
    }
    expectChained(shared, own);
    LayerNetwork chain = LayerNetwork.of(builder.embedding(), shared, own, null, kernel);
    return new LoadedNetwork(chain, said, weights.parameters(), parts(chain));
  }

  /** Checks that no bidirectional layer is inside a layer that is a graph. */
  private void expectChained(List<Layer> shared, List<List<Layer>> own) {
    for (Layer layer :
        Stream.concat(shared.stream(), own.stream().flatMap(List::stream)).toList()) {
      if (Bidirectional.isIn(layer) && !(layer.described() instanceof Bidirectional)) {
        throw new InvalidFileException(
            file,
            "",
            "expected bidirectional layers in one chain from the input to the outputs, found one"
                + " in parallel with other layers");
      }
    }
  }

  /** What an output ends in, which the network applies itself if other layers take it too. */
  private OutputEnd end(int vertex, boolean isEnd) {
    LayerSpec spec = model.vertices().get(vertex).spec();
    OutputActivation said =
        Optional.ofNullable(spec).flatMap(of -> of.act().end()).orElse(OutputActivation.IDENTITY);
    return isEnd || said == OutputActivation.IDENTITY
        ? OutputEnd.of(said)
        : OutputEnd.computed(said);
  }

  /**
   * Adds the nodes of a layer.
   *
   * @param isEnd whether its activation is left to the head
   */
  private int add(Vertex vertex, boolean isEnd) {
    LayerSpec spec = vertex.spec();
    if (spec.kind() instanceof Embedding embedding) {
      embed(vertex, embedding);
      return 0;
    }
    if (spec.kind() instanceof Joined joined) {
      return join(vertex, joined.join());
    }
    int below = nodes[vertex.inputs().get(0)];
    int in = graph.size(below);
    if (spec.kind() instanceof LayerSpec.Unchanged unchanged) {
      expectSize(spec, unchanged, in);
      return below;
    }
    if (spec.kind() instanceof Masking) {
      mask(spec, below);
      return below;
    }
    KerasActivation act = spec.act();
    KerasActivation left = isEnd && act.end().isPresent() ? KerasActivation.LINEAR : act;
    boolean isFused = spec.kind() instanceof LayerSpec.Dense && left.g() != null;
    Layer layer = builder.build(spec, in, isFused ? left : KerasActivation.LINEAR);
    int node = layer == null ? below : add(layer, below);
    if (!spec.cells().isEmpty() && vertex.isMasked()) {
      masked.add(node);
    }
    if (layer == null && left.isLinear()) {
      builder.parts().add(new Part("activation", act.name()));
    }
    return isFused || left.isLinear() ? node : activate(left, node);
  }

  private int activate(KerasActivation act, int below) {
    Layer layer = act.layer(graph.size(below), kernel);
    builder.parts().add(new Part("activation", act.name(), layer, 0));
    return add(layer, below);
  }

  private int add(Layer layer, int below) {
    if (below == 0 && graph.size(0) == 0) {
      graph.learnInputSize(layer.inputSize());
    }
    if (layer.inputSize() != graph.size(below)) {
      throw new InvalidFileException(
          file,
          "",
          "expected a layer that takes " + graph.size(below) + ", found a " + layer.type());
    }
    weights.takeOutputs(layer.outputSize());
    return graph.add(Node.of(layer, below), layer.outputSize());
  }

  private void embed(Vertex vertex, Embedding embedding) {
    if (vertex.inputs().get(0) != 0) {
      throw builder.invalid(
          vertex.spec(), "expected as the first layer, found after another layer");
    }
    if (embeds || uses[0] > 1) {
      throw builder.invalid(
          vertex.spec(), "expected as the only layer that takes the words, found others");
    }
    embeds = true;
    graph.learnInputSize(builder.embed(vertex.spec(), embedding));
    if (embedding.skipsZero()) {
      mask(vertex.spec(), 0);
    }
  }

  private void mask(LayerSpec spec, int at) {
    if (mask != null) {
      throw builder.invalid(spec, "expected only one layer that says what is padding, found two");
    }
    mask = spec;
    maskAt = at;
  }

  private int join(Vertex vertex, Join join) {
    List<Integer> inputs = vertex.inputs().stream().map(input -> nodes[input]).toList();
    long size = 0;
    for (int input : inputs) {
      if (graph.size(input) == 0) {
        throw builder.invalid(
            vertex.spec(), "expected after a layer with weights, or an input shape");
      }
      if (join != Join.CONCATENATE && graph.size(input) != graph.size(inputs.get(0))) {
        throw builder.invalid(
            vertex.spec(),
            "expected inputs of one length, found "
                + inputs.stream()
                    .map(each -> graph.size(each) + "")
                    .collect(Collectors.joining(", ")));
      }
      size = join == Join.CONCATENATE ? size + graph.size(input) : graph.size(input);
    }
    if (size > CausalConvolution.MAX_STATE) {
      throw builder.invalid(
          vertex.spec(),
          "expected at most " + CausalConvolution.MAX_STATE + " numbers, found " + size);
    }
    weights.takeOutputs(size);
    return graph.add(new Node(null, join, inputs), (int) size);
  }

  private void expectSize(LayerSpec spec, LayerSpec.Unchanged unchanged, int in) {
    if (in > 0 && in != unchanged.size()) {
      throw builder.invalid(
          spec,
          "expected the length of the vector before, "
              + in
              + ", found "
              + unchanged.size()
              + ", which is not one vector for each token");
    }
  }

  private void expectState(BitSet needed) {
    if (needed.stream().noneMatch(graph::hasState)) {
      throw new InvalidFileException(file, "", "missing: expected a recurrent layer");
    }
    long state = 0;
    for (int n = needed.nextSetBit(1); n >= 0; n = needed.nextSetBit(n + 1)) {
      state += graph.hasState(n) ? graph.node(n).layer().stateSize() : 0;
      state += graph.size(n); // kept, at most
    }
    if (state > CausalConvolution.MAX_STATE) {
      throw new InvalidFileException(
          file,
          "",
          "expected at most " + CausalConvolution.MAX_STATE + " numbers of state, found " + state);
    }
  }

  /** Makes one layer of what follows a mask, up to the last cell that skips padding. */
  private void skipPadding(List<Integer> outputs) {
    if (mask == null) {
      return;
    }
    BitSet recurrent = graph.recurrent();
    if (recurrent.stream().anyMatch(node -> Bidirectional.isIn(graph.node(node).layer()))) {
      if (mask.kind() instanceof Masking || masked.size() < recurrent.cardinality()) {
        throw builder.invalid(
            mask,
            "expected no padding before a bidirectional layer, unless it is word 0 of an Embedding"
                + " with mask_zero, for all recurrent layers; remove padding from the stream and"
                + " this layer from the model");
      }
      builder.skipWordZero();
      return;
    }
    List<Integer> above = above(maskAt, outputs);
    int last = -1;
    for (int i = 0; i < above.size(); i++) {
      last = masked.contains(above.get(i)) ? i : last;
    }
    // Without such a cell, a mask only turns padding into zeros.
    boolean turns = mask.kind() instanceof Masking of && of.value() != 0;
    if (!above.containsAll(masked) || (last < 0 && turns)) {
      throw builder.invalid(
          mask,
          "expected one chain of layers from here to the last recurrent layer, which skips padding;"
              + " remove padding from the stream and this layer from the model");
    }
    if (last < 0) {
      return;
    }
    List<Layer> layers =
        above.subList(0, last + 1).stream().map(node -> graph.node(node).layer()).toList();
    Layer all = layers.size() == 1 ? layers.get(0) : LayerGraph.chain(layers);
    boolean byValue = mask.kind() instanceof Masking;
    Layer skips =
        byValue ? Masked.byValue(all, ((Masking) mask.kind()).value()) : Masked.byFlag(all);
    if (!byValue) {
      builder.flagWordZero();
      graph.learnInputSize(skips.inputSize());
    }
    graph.replace(above.get(last), skips, maskAt);
  }

  /** The nodes above another, as long as each is the only one that takes the one below. */
  private List<Integer> above(int from, List<Integer> outputs) {
    List<List<Integer>> takers = new ArrayList<>();
    for (int n = 0; n < graph.count(); n++) {
      takers.add(new ArrayList<>());
    }
    for (int n = 1; n < graph.count(); n++) {
      for (int input : graph.node(n).inputs()) {
        takers.get(input).add(n);
      }
    }
    List<Integer> above = new ArrayList<>();
    int below = from;
    while (takers.get(below).size() == 1 && !outputs.contains(below)) {
      below = takers.get(below).get(0);
      if (graph.node(below).layer() == null) {
        break;
      }
      above.add(below);
    }
    return above;
  }

  /** The parts; those of layers that no chosen head needs are not used. */
  private List<Part> parts(LayerNetwork chain) {
    Set<Layer> inside =
        chain.describe().chain().stream()
            .map(place -> place.layer().described())
            .collect(
                Collectors.toCollection(() -> Collections.newSetFromMap(new IdentityHashMap<>())));
    List<Part> parts = new ArrayList<>();
    for (Part part : builder.parts()) {
      boolean isUsed = part.layer() == null || inside.contains(part.layer());
      parts.add(isUsed ? part : new Part("not used", part.name() + ": " + part.source()));
    }
    return parts;
  }
}
