package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.Term.Activated;
import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Direction;
import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Term.Linear;
import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Term.Op;
import io.github.flinkrnn.formats.onnx.Term.Scaled;
import io.github.flinkrnn.formats.onnx.Term.Step;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.ScaleShift;
import io.github.flinkrnn.layer.Slice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The layers from the graph input to a vector, bottom first. A sum of a vector with a function of
 * it is a residual connection; where vectors are joined otherwise, the layers from the graph input
 * up to there are one layer, a {@link LayerGraph}.
 */
final class LayerLinks {
  private static final int MAX_LAYERS = 200;
  private static final int MAX_DEPTH = 20;
  private static final int MAX_GRAPH = 1000;
  private static final int MAX_VISITED = 200_000; // terms, also where a way led nowhere
  private static final String UNKNOWN =
      "expected an operator that a built-in layer supports, found another";
  private static final Map<String, Join> JOINS =
      Map.of(
          "Add", Join.ADD, "Sub", Join.SUBTRACT, "Mul", Join.MULTIPLY, "Concat", Join.CONCATENATE);

  /**
   * A layer and where it is from.
   *
   * @param term the vector that it computes
   * @param layer null until {@link #layers}, except for a graph
   * @param inner the layers of a residual connection or of a graph; empty for another
   */
  record Link(Term term, Layer layer, List<Link> inner, String source, Set<String> from) {
    /** The state before the first token, [stateSize], if not zeros; else null. */
    float[] initial() {
      if (!inner.isEmpty()) {
        return LayerLinks.initial(inner);
      }
      if (!(term.kind() instanceof Cell cell) || (cell.h0() == null && cell.c0() == null)) {
        return null;
      }
      float[] state = new float[cell.layer().stateSize()];
      int n = cell.layer().outputSize();
      if (cell.h0() != null) {
        System.arraycopy(cell.h0(), 0, state, 0, n);
      }
      if (cell.c0() != null) {
        System.arraycopy(cell.c0(), 0, state, n, n);
      }
      return state;
    }
  }

  private final WeightsFile weights;
  private final GraphWalk walk;
  private int visited;

  LayerLinks(WeightsFile weights, GraphWalk walk) {
    this.weights = weights;
    this.walk = walk;
  }

  /** The state of some layers before the first token; null for zeros. */
  static float[] initial(List<Link> links) {
    int size = links.stream().mapToInt(link -> link.layer().stateSize()).sum();
    float[] state = null;
    int at = 0;
    for (Link link : links) {
      float[] own = link.initial();
      if (own != null) {
        state = state == null ? new float[size] : state;
        System.arraycopy(own, 0, state, at, own.length);
      }
      at += link.layer().stateSize();
    }
    return state;
  }

  /** The terms from the graph input to this one, without the input. */
  List<Link> to(Term term) {
    return between(null, term, 0);
  }

  /**
   * @param bottom the vector that the layers begin with; null for the graph input
   * @return null if the bottom is not on the way from the top to the graph input
   */
  private List<Link> between(Term bottom, Term top, int depth) {
    Deque<Link> links = new ArrayDeque<>();
    Term term = last(top);
    while (term != bottom && !(bottom == null && term.kind() instanceof Input)) {
      if (links.size() > MAX_LAYERS || depth > MAX_DEPTH || ++visited > MAX_VISITED) {
        throw unsupported(term, "expected at most " + MAX_LAYERS + " layers, found more");
      }
      if (term.kind() instanceof Input) {
        return null; // the bottom is not below the top
      }
      if (isJoin(term)) {
        Term base = residual(term, depth, links);
        if (base == null) {
          links.addFirst(graph(bottom, term));
          base = bottom == null ? term.input() : bottom;
        }
        term = base;
        continue;
      }
      if (!isLayer(term)) {
        throw unsupported(
            term, "expected an operator that a built-in layer supports, found another");
      }
      links.addFirst(new Link(term, null, List.of(), term.source(), term.from()));
      term = last(term.x());
    }
    return new ArrayList<>(links);
  }

  /**
   * Adds the residual connection that ends with a sum.
   *
   * @return the vector that it begins with; null if the term is another join of vectors
   */
  private Term residual(Term term, int depth, Deque<Link> links) {
    if (!term.is("Add")) {
      return null;
    }
    Term a = last(term.of().get(0));
    Term b = last(term.of().get(1));
    Term base = a.depth() <= b.depth() ? a : b;
    List<Link> inner =
        a == b || a.size() != b.size() ? null : between(base, base == a ? b : a, depth + 1);
    if (inner == null) {
      return null;
    }
    links.addFirst(new Link(term, null, inner, term.source(), Set.of()));
    return base;
  }

  private static boolean isJoin(Term term) {
    return JOINS.containsKey(term.kind() instanceof Op op ? op.name() : "");
  }

  /** The layers between two vectors that are not a chain, as one layer. */
  private Link graph(Term bottom, Term top) {
    Map<Term, Integer> numbers = new HashMap<>(); // of the nodes, from 1
    List<LayerGraph.Node> nodes = new ArrayList<>();
    List<Link> inner = new ArrayList<>();
    Set<String> from = new TreeSet<>();
    Deque<Term> open = new ArrayDeque<>(List.of(top));
    Term start = bottom == null ? top.input() : bottom;
    numbers.put(start, 0);
    while (!open.isEmpty()) {
      Term term = open.peek();
      List<Term> inputs = term.of().stream().map(this::last).toList();
      List<Term> missing = inputs.stream().filter(input -> !numbers.containsKey(input)).toList();
      if (numbers.containsKey(term)) {
        open.pop();
        continue;
      }
      if (term.kind() instanceof Input) {
        throw unsupported(
            top,
            "expected layers of one sequence; of recurrences that are written step by step, only an"
                + " Elman cell is read");
      }
      if (nodes.size() > MAX_GRAPH || ++visited > MAX_VISITED) {
        throw unsupported(top, "expected at most " + MAX_GRAPH + " layers, found more");
      }
      if (!missing.isEmpty()) {
        missing.forEach(open::push);
        continue;
      }
      List<Integer> of = inputs.stream().map(numbers::get).toList();
      if (isJoin(term)) {
        Join join = JOINS.get(((Op) term.kind()).name());
        boolean fits = inputs.stream().allMatch(input -> input.size() == term.size());
        if (join != Join.CONCATENATE && !fits) {
          throw unsupported(term, "expected vectors of one length");
        }
        nodes.add(new LayerGraph.Node(null, join, of));
      } else if (isLayer(term)) {
        Link link =
            layers(List.of(new Link(term, null, List.of(), term.source(), term.from()))).get(0);
        inner.add(link);
        from.addAll(link.from());
        nodes.add(LayerGraph.Node.of(link.layer(), of.get(0)));
      } else {
        throw unsupported(term, UNKNOWN);
      }
      numbers.put(term, nodes.size());
      open.pop();
    }
    return new Link(top, new LayerGraph(nodes, start.size()), inner, top.source(), from);
  }

  private static boolean isLayer(Term term) {
    return term.kind() instanceof Linear
        || term.kind() instanceof Activated
        || term.kind() instanceof Scaled
        || term.kind() instanceof Made
        || term.kind() instanceof Direction
        || term.kind() instanceof Cell;
  }

  /** The sequence of which a term is the last step. On a stream, each step is the last so far. */
  private Term last(Term term) {
    Term of = term;
    while (true) {
      if (of.kind() instanceof Step step && step.cell().isLast(step.k())) {
        walk.isTime(step.cell().time());
        of = step.cell().sequence(walk.kernel());
      } else if (of.kind() instanceof At at
          && walk.isTime(walk.axisOf(of))
          && at.k() == walk.axisOf(of).size() - 1) {
        of = of.x();
      } else if (of.kind() instanceof Step || of.kind() instanceof At) {
        throw unsupported(of, "expected only the last step of what the layers compute");
      } else {
        return of;
      }
    }
  }

  private UnsupportedGraphException unsupported(Term term, String problem) {
    return new UnsupportedGraphException(weights.path(), place(term.source()), problem);
  }

  /** The node of a source, without its tensors. */
  private static String place(String source) {
    int end = source.indexOf("): ");
    return end < 0 ? source : source.substring(0, end + 1);
  }

  /** The layers of the links. An activation becomes a part of the product before it. */
  List<Link> layers(List<Link> links) {
    List<Link> made = new ArrayList<>();
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      Term term = link.term();
      if (link.layer() != null) {
        made.add(link);
      } else if (!link.inner().isEmpty()) {
        List<Link> inner = layers(link.inner());
        Set<String> from = new TreeSet<>();
        inner.forEach(part -> from.addAll(part.from()));
        Layer residual = LayerGraph.residual(inner.stream().map(Link::layer).toList());
        made.add(new Link(term, residual, inner, link.source(), from));
      } else if (term.kind() instanceof Linear linear) {
        boolean isActivated =
            i + 1 < links.size() && links.get(i + 1).term().kind() instanceof Activated;
        Activation g = Activation.IDENTITY;
        String then = "";
        Term whole = term;
        if (isActivated) {
          whole = links.get(++i).term();
          g = ((Activated) whole.kind()).g();
          then = ", then " + g.name().toLowerCase(Locale.ROOT);
        }
        weights.memory().take(weights.path(), (long) Float.BYTES * linear.w().getNumElements());
        Layer layer = new io.github.flinkrnn.layer.Linear(linear.w(), linear.b(), g, walk.kernel());
        made.add(new Link(whole, layer, List.of(), term.source() + then, term.from()));
      } else {
        made.add(new Link(term, plain(term), List.of(), link.source(), link.from()));
      }
    }
    return made;
  }

  private Layer plain(Term term) {
    if (term.kind() instanceof Activated activated) {
      return new ActivationLayer(activated.g(), term.size(), walk.kernel());
    }
    if (term.kind() instanceof Scaled by) {
      return new ScaleShift(term.size(), by.scale(), by.shift());
    }
    if (term.kind() instanceof Direction direction) {
      return new Slice(term.x().size(), direction.index() * term.size(), term.size());
    }
    return term.kind() instanceof Made made ? made.layer() : ((Cell) term.kind()).layer();
  }
}
