package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph;
import io.github.flinkrnn.layer.LayerGraph.Node;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers and joins, each of which takes nodes before it; node 0 is the input. It finds the nodes
 * that everything passes through, so that a network is a chain wherever it can be one.
 */
final class NetworkGraph {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();

  /**
   * @param inputSize the length of the input; 0 if it is not known yet
   */
  NetworkGraph(int inputSize) {
    nodes.add(null);
    sizes.add(inputSize);
  }

  /** The number of the new node. */
  int add(Node node, int size) {
    nodes.add(node);
    sizes.add(size);
    return nodes.size() - 1;
  }

  /** Replaces a node by a layer that takes another input. */
  void replace(int node, Layer layer, int input) {
    nodes.set(node, Node.of(layer, input));
  }

  int count() {
    return nodes.size();
  }

  Node node(int number) {
    return nodes.get(number);
  }

  /** The length of an output; 0 for an input that is not known yet. */
  int size(int node) {
    return sizes.get(node);
  }

  void learnInputSize(int size) {
    sizes.set(0, size);
  }

  /** The node, and all whose outputs it needs. */
  BitSet ancestors(int node) {
    BitSet found = new BitSet();
    found.set(node);
    for (int n = node; n > 0; n = found.previousSetBit(n - 1)) {
      nodes.get(n).inputs().forEach(found::set);
    }
    return found;
  }

  /** The nodes with a state. */
  BitSet recurrent() {
    BitSet found = new BitSet();
    for (int n = 1; n < nodes.size(); n++) {
      found.set(n, hasState(n));
    }
    return found;
  }

  /** Whether a layer needs tokens besides the one at its position. */
  boolean hasState(int node) {
    Layer layer = node > 0 ? nodes.get(node).layer() : null;
    return layer != null && (layer.stateSize() > 0 || Bidirectional.isIn(layer));
  }

  /**
   * The nodes after {@code from} that everything passes through.
   *
   * @param all the nodes, from {@code from}; all but {@code from} take only these
   * @param outputs those whose output leaves them
   */
  List<Integer> cuts(BitSet all, int from, List<Integer> outputs) {
    int[] reach = new int[nodes.size()]; // the last node that takes the output
    for (int n = all.nextSetBit(from + 1); n >= 0; n = all.nextSetBit(n + 1)) {
      for (int input : nodes.get(n).inputs()) {
        reach[input] = Math.max(reach[input], n);
      }
    }
    outputs.forEach(output -> reach[output] = Integer.MAX_VALUE);
    List<Integer> cuts = new ArrayList<>();
    int farthest = reach[from];
    for (int n = all.nextSetBit(from + 1); n >= 0; n = all.nextSetBit(n + 1)) {
      if (farthest == n) {
        cuts.add(n);
      }
      farthest = Math.max(farthest, reach[n]);
    }
    return cuts;
  }

  /** The layers from one node to another that everything in between passes through. */
  List<Layer> chain(int from, int to) {
    BitSet all = ancestors(to);
    all.clear(0, from);
    List<Layer> chain = new ArrayList<>();
    int below = from;
    for (int cut : cuts(all, from, List.of(to))) {
      BitSet between = all.get(0, cut + 1);
      between.clear(0, below + 1);
      Node node = nodes.get(cut);
      boolean isPlain = between.cardinality() == 1 && node.layer() != null;
      chain.add(isPlain ? node.layer() : toLayer(below, between, List.of(cut)));
      below = cut;
    }
    return chain;
  }

  /**
   * A layer of several nodes.
   *
   * @param from the node that is its input
   * @param outputs the nodes, also {@code from}, whose outputs it gives, one after the other
   */
  LayerGraph toLayer(int from, BitSet members, List<Integer> outputs) {
    Map<Integer, Integer> numbers = new HashMap<>(Map.of(from, 0));
    List<Node> made = new ArrayList<>();
    members.stream()
        .forEach(
            member -> {
              Node node = nodes.get(member);
              List<Integer> inputs = node.inputs().stream().map(numbers::get).toList();
              made.add(new Node(node.layer(), node.join(), inputs));
              numbers.put(member, made.size());
            });
    if (outputs.size() > 1) {
      List<Integer> joined = outputs.stream().map(numbers::get).toList();
      made.add(new Node(null, LayerGraph.Join.CONCATENATE, joined));
    }
    return new LayerGraph(made, sizes.get(from));
  }
}
