package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Direction;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The outputs of both cells of a bidirectional node, which a graph has in a dimension of their own.
 * It takes them apart, and makes one vector of them.
 */
final class Directions {
  private Directions() {}

  /**
   * The output of one cell.
   *
   * @param place of the dimension of both
   * @param keepsAxis whether a dimension of 1 is left there
   */
  static Signal one(NodeCall call, Signal both, int place, int index, boolean keepsAxis) {
    Term term = both.term();
    if (!(term.kind() instanceof State)) {
      String source = call.node().place();
      term = new Term(new Direction(index), List.of(term), term.size() / 2, source, Set.of());
    }
    List<Axis> axes = new ArrayList<>(both.axes());
    if (keepsAxis) {
      axes.set(place, call.walk().single());
    } else {
      axes.remove(place);
    }
    return new Signal(term, axes, both.isState());
  }

  /** The outputs of both cells as one vector, or each alone along the dimension. */
  static List<Signal> apart(NodeCall call, Signal signal, int place) {
    return signal.axes().get(place).id() == Axis.DIRECTIONS
        ? List.of(one(call, signal, place, 0, true), one(call, signal, place, 1, true))
        : List.of(signal);
  }

  /** Both outputs of one layer along a dimension, which were apart; null for anything else. */
  static Signal together(NodeCall call, List<Signal> parts, int place) {
    Term whole =
        parts.size() == 2
            ? joined(call, Join.CONCATENATE, parts.get(0).term(), parts.get(1).term())
            : null;
    if (whole == null) {
      return null;
    }
    List<Axis> axes = new ArrayList<>(parts.get(0).axes());
    axes.set(place, Axis.of(Axis.DIRECTIONS, 2, false));
    return new Signal(whole, axes, parts.get(0).isState());
  }

  /** The layer whose outputs two vectors are, with this join; null for any other vectors. */
  static Term joined(NodeCall call, Join join, Term one, Term other) {
    if (one.kind() instanceof At at
        && other.kind() instanceof At same
        && at.k() == same.k()
        && call.walk().axisOf(one).id() == call.walk().axisOf(other).id()) {
      Term whole = joined(call, join, one.x(), other.x());
      return whole == null ? null : at(call, whole, one);
    }
    if (join == Join.CONCATENATE && areTwoNodes(one, other)) {
      Bidirectional backward = (Bidirectional) ((Cell) other.kind()).layer();
      Layer forward = ((Cell) one.kind()).layer();
      Bidirectional both = new Bidirectional(forward, backward.backward(), join, false);
      return new Term(
          new Cell(both, null, null, null),
          one.of(),
          both.outputSize(),
          one.source() + "; " + other.source(),
          NodeCall.union(one.from(), other.from()));
    }
    boolean areBoth =
        one.kind() instanceof Direction first
            && other.kind() instanceof Direction second
            && one.x() == other.x()
            && first.index() + second.index() == 1
            && (first.index() == 0 || join != Join.CONCATENATE);
    return areBoth ? with(call, join, one.x()) : null;
  }

  /** Whether the outputs are those of a node that reads forward and of one that reads backward. */
  private static boolean areTwoNodes(Term one, Term other) {
    return one.kind() instanceof Cell first
        && other.kind() instanceof Cell second
        && one.x() == other.x()
        && first.h0() == null
        && first.c0() == null
        && !(first.layer() instanceof Bidirectional)
        && second.layer() instanceof Bidirectional backward
        && backward.forward() == null
        && !backward.readsFinal();
  }

  private static Term with(NodeCall call, Join join, Term both) {
    if (join == Join.CONCATENATE) {
      return both;
    }
    if (both.kind() instanceof At) {
      return at(call, with(call, join, both.x()), both);
    }
    Cell cell = (Cell) both.kind();
    Bidirectional of = (Bidirectional) cell.layer();
    Bidirectional layer = new Bidirectional(of.forward(), of.backward(), join, of.readsFinal());
    return new Term(
        new Cell(layer, null, null, cell.start()),
        both.of(),
        layer.outputSize(),
        both.source(),
        both.from());
  }

  private static Term at(NodeCall call, Term x, Term like) {
    return call.walk().at(x, call.walk().axisOf(like), ((At) like.kind()).k(), like.source());
  }
}
