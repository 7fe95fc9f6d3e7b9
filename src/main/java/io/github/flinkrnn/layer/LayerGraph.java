package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * Layers that are not a chain: a node takes the input of the graph or the outputs of nodes before
 * it. The output is that of the last node. The state is the concatenated states of the layers, in
 * the order of the nodes.
 */
@Internal
public final class LayerGraph implements Layer {
  /** How a node joins several vectors into one. */
  public enum Join {
    /** x1 + x2 + … */
    ADD {
      @Override
      public float apply(float a, float b) {
        return a + b;
      }
    },
    /** x1 - x2. */
    SUBTRACT {
      @Override
      public float apply(float a, float b) {
        return a - b;
      }
    },
    /** x1 ∘ x2 ∘ … */
    MULTIPLY {
      @Override
      public float apply(float a, float b) {
        return a * b;
      }
    },
    /** (x1 + x2 + …) / how many. */
    AVERAGE {
      @Override
      public float apply(float a, float b) {
        return a + b;
      }
    },
    /** The largest of each number. */
    MAXIMUM {
      @Override
      public float apply(float a, float b) {
        return Math.max(a, b);
      }
    },
    /** The smallest of each number. */
    MINIMUM {
      @Override
      public float apply(float a, float b) {
        return Math.min(a, b);
      }
    },
    /** x1, followed by x2, and so on. Only this one takes vectors of different lengths. */
    CONCATENATE {
      @Override
      public float apply(float a, float b) {
        throw new UnsupportedOperationException("expected vectors, not numbers");
      }
    };

    /** Joins two numbers. */
    public abstract float apply(float a, float b);
  }

  /**
   * A layer or a join.
   *
   * @param layer takes one input; null for a join
   * @param join takes one input or more; null for a layer
   * @param inputs 0 for the input of the graph, or i for the output of node i, counted from 1; all
   *     below the number of this node
   */
  public record Node(Layer layer, Join join, List<Integer> inputs) {
    /** A node with a layer. */
    public static Node of(Layer layer, int input) {
      return new Node(layer, null, List.of(input));
    }
  }

  private static final int MOST_NAMED = 8;

  private final String name; // of the graph, in descriptions
  private final List<Node> nodes;
  private final int[] sizes; // of the outputs; 0 is the input
  private final int stateSize;

  /**
   * @param nodes at least one
   * @param inputSize the length of the input
   */
  public LayerGraph(List<Node> nodes, int inputSize) {
    this("graph", nodes, inputSize);
  }

  private LayerGraph(String name, List<Node> nodes, int inputSize) {
    this.name = name;
    this.nodes = List.copyOf(nodes);
    this.sizes = new int[nodes.size() + 1];
    sizes[0] = inputSize;
    for (int n = 1; n < sizes.length; n++) {
      Node node = nodes.get(n - 1);
      int first = sizes[node.inputs().get(0)];
      if (node.layer() != null) {
        sizes[n] = node.layer().outputSize();
      } else if (node.join() == Join.CONCATENATE) {
        sizes[n] = node.inputs().stream().mapToInt(input -> sizes[input]).sum();
      } else {
        sizes[n] = first;
      }
    }
    this.stateSize = layers(nodes).stream().mapToInt(Layer::stateSize).sum();
  }

  /** Layers that each take the output of the one before. */
  public static LayerGraph chain(List<? extends Layer> layers) {
    return new LayerGraph(nodes(layers), layers.get(0).inputSize());
  }

  /**
   * A residual connection around layers that each take the output of the one before (He et al.
   * 2016): y = x + f(x).
   *
   * @param layers at least one; the last output has the length of the first input
   */
  public static LayerGraph residual(List<? extends Layer> layers) {
    List<Node> nodes = nodes(layers);
    nodes.add(new Node(null, Join.ADD, List.of(0, nodes.size())));
    return new LayerGraph("residual", nodes, layers.get(0).inputSize());
  }

  private static List<Node> nodes(List<? extends Layer> chain) {
    List<Node> nodes = new ArrayList<>();
    for (Layer layer : chain) {
      nodes.add(Node.of(layer, nodes.size()));
    }
    return nodes;
  }

  private static List<Layer> layers(List<Node> nodes) {
    return nodes.stream().map(Node::layer).filter(layer -> layer != null).toList();
  }

  @Override
  public List<Layer> inner() {
    return layers(nodes);
  }

  @Override
  public String type() {
    if (nodes.size() > MOST_NAMED) {
      return name + " of " + nodes.size() + " layers";
    }
    return nodes.stream()
        .map(
            node ->
                node.layer() == null
                    ? node.join().name().toLowerCase(Locale.ROOT)
                    : node.layer().type())
        .collect(Collectors.joining(", ", name + " (", ")"));
  }

  @Override
  public int inputSize() {
    return sizes[0];
  }

  @Override
  public int outputSize() {
    return sizes[sizes.length - 1];
  }

  @Override
  public int stateSize() {
    return stateSize;
  }

  @Override
  public boolean keepsOutput() {
    return false;
  }

  @Override
  public List<Affine> products() {
    return layers(nodes).stream().map(Layer::products).flatMap(List::stream).toList();
  }

  @Override
  public long multiplyAdds() {
    return layers(nodes).stream().mapToLong(Layer::multiplyAdds).sum();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("graph").add(sizes[0]).add(nodes.size());
    for (Node node : nodes) {
      fingerprint.add(node.layer() == null ? node.join().name() : "layer");
      fingerprint.add(node.inputs().size());
      node.inputs().forEach(fingerprint::add);
      if (node.layer() != null) {
        node.layer().addTo(fingerprint);
      }
    }
  }

  @Override
  public Stepper stepper() {
    return new GraphStepper();
  }

  private final class GraphStepper implements Stepper {
    private final Stepper[] steppers = new Stepper[sizes.length]; // null for joins
    private final int[] stateAt = new int[sizes.length]; // relative to the state of the graph
    private final Room[] outputs = new Room[sizes.length]; // null: input, or in the state
    private final float[][][] values = new float[sizes.length][][]; // by node and sequence
    private final int[] valuesAt = new int[sizes.length];

    GraphStepper() {
      int at = 0;
      for (int n = 1; n < sizes.length; n++) {
        Layer layer = nodes.get(n - 1).layer();
        stateAt[n] = at;
        if (layer != null) {
          steppers[n] = layer.stepper();
          at += layer.stateSize();
        }
        outputs[n] = layer != null && layer.keepsOutput() ? null : new Room(sizes[n]);
      }
    }

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      float[][] xs = {x};
      float[][] states = {previous};
      stepEach(1, xs, xAt, states, new float[][] {next}, at, new float[][] {y}, yAt);
    }

    @Override
    public void stepEach(
        int count,
        float[][] x,
        int xAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      values[0] = x;
      valuesAt[0] = xAt;
      for (int n = 1; n < sizes.length; n++) {
        Node node = nodes.get(n - 1);
        values[n] = outputs[n] == null ? next : outputs[n].of(count);
        valuesAt[n] = outputs[n] == null ? at + stateAt[n] : 0;
        if (node.layer() == null) {
          for (int i = 0; i < count; i++) {
            join(node, i, values[n][i]);
          }
        } else {
          int input = node.inputs().get(0);
          steppers[n].stepEach(
              count,
              values[input],
              valuesAt[input],
              previous,
              next,
              at + stateAt[n],
              values[n],
              valuesAt[n]);
        }
      }
      int last = sizes.length - 1;
      for (int i = 0; i < count; i++) {
        System.arraycopy(values[last][i], valuesAt[last], y[i], yAt, sizes[last]);
      }
    }

    private void join(Node node, int sequence, float[] into) {
      int filled = 0;
      for (int input : node.inputs()) {
        float[] from = values[input][sequence];
        int fromAt = valuesAt[input];
        if (filled == 0 || node.join() == Join.CONCATENATE) {
          System.arraycopy(from, fromAt, into, filled, sizes[input]);
          filled += sizes[input];
        } else {
          for (int i = 0; i < into.length; i++) {
            into[i] = node.join().apply(into[i], from[fromAt + i]);
          }
        }
      }
      if (node.join() == Join.AVERAGE) {
        for (int i = 0; i < into.length; i++) {
          into[i] /= node.inputs().size();
        }
      }
    }
  }
}
