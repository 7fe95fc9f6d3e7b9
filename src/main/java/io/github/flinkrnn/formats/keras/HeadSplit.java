package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Node;
import io.github.flinkrnn.layer.Slice;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network of several heads: what they share, with all layers that have a state, and each head.
 *
 * @param shared from x&lt;t&gt;, bottom first
 * @param heads the layers of each head, none with a state
 */
record HeadSplit(List<Layer> shared, List<List<Layer>> heads) {
  /**
   * Splits a network.
   *
   * @param needed all nodes of the heads
   * @param outputs the last node of each head
   * @param weights counts the memory of the heads
   */
  static HeadSplit of(
      String file, NetworkGraph graph, BitSet needed, List<Integer> outputs, Weights weights) {
    return new Splitter(file, graph, weights).split(needed, outputs);
  }

  private record Splitter(String file, NetworkGraph graph, Weights weights) {
    private HeadSplit split(BitSet needed, List<Integer> outputs) {
      List<Integer> cuts = graph.cuts(needed, 0, outputs);
      int top = cuts.isEmpty() ? 0 : cuts.get(cuts.size() - 1);
      List<Layer> trunk = new ArrayList<>(graph.chain(0, top));
      BitSet rest = needed.get(0, graph.count());
      rest.clear(0, top + 1);
      BitSet stateful = new BitSet();
      rest.stream().filter(graph::hasState).forEach(node -> stateful.or(graph.ancestors(node)));
      stateful.clear(0, top + 1);
      expectFewLayers(outputs, top);
      List<List<Layer>> heads = new ArrayList<>();
      if (stateful.isEmpty()) {
        outputs.forEach(output -> heads.add(graph.chain(top, output)));
      } else {
        // The heads have recurrent layers of their own: the state ends with what each reads of
        // them.
        List<Integer> read = boundary(top, stateful, rest, outputs).stream().boxed().toList();
        trunk.add(graph.toLayer(top, stateful, read));
        int all = read.stream().mapToInt(graph::size).sum();
        outputs.forEach(output -> heads.add(head(output, read, all, stateful)));
      }
      return new HeadSplit(trunk, heads);
    }

    /** Heads may share long chains, of which each has its own working memory. */
    private void expectFewLayers(List<Integer> outputs, int top) {
      long layers = 0;
      for (int output : outputs) {
        BitSet own = graph.ancestors(output);
        own.clear(0, top + 1);
        layers += own.cardinality();
        if (layers > Architecture.MAX_LAYERS) {
          throw new InvalidFileException(
              file,
              "",
              "expected at most " + Architecture.MAX_LAYERS + " layers in all heads, found more");
        }
        weights.takeOutputs(own.stream().mapToLong(graph::size).sum());
      }
    }

    /** The nodes below the heads whose outputs the heads take. */
    private BitSet boundary(int top, BitSet stateful, BitSet rest, List<Integer> outputs) {
      BitSet below = (BitSet) stateful.clone();
      below.set(top);
      BitSet taken = new BitSet();
      outputs.stream().filter(below::get).forEach(taken::set);
      rest.stream()
          .filter(node -> !stateful.get(node))
          .forEach(
              node -> graph.node(node).inputs().stream().filter(below::get).forEach(taken::set));
      return taken;
    }

    /** A head above the outputs of several nodes, side by side. */
    private List<Layer> head(int output, List<Integer> read, int all, BitSet stateful) {
      NetworkGraph own = new NetworkGraph(all);
      Map<Integer, Integer> numbers = new TreeMap<>();
      int at = 0;
      BitSet needed = graph.ancestors(output);
      for (int node : read) {
        if (needed.get(node)) {
          numbers.put(
              node, own.add(Node.of(new Slice(all, at, graph.size(node)), 0), graph.size(node)));
        }
        at += graph.size(node);
      }
      for (int n = needed.nextSetBit(0); n >= 0; n = needed.nextSetBit(n + 1)) {
        if (n > 0 && !numbers.containsKey(n) && !stateful.get(n) && above(n, numbers)) {
          Node node = graph.node(n);
          List<Integer> inputs = node.inputs().stream().map(numbers::get).toList();
          numbers.put(n, own.add(new Node(node.layer(), node.join(), inputs), graph.size(n)));
        }
      }
      return own.chain(0, numbers.get(output));
    }

    private boolean above(int node, Map<Integer, Integer> numbers) {
      return numbers.keySet().containsAll(graph.node(node).inputs());
    }
  }
}
