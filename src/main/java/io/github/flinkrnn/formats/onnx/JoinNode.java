package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.At;
import io.github.flinkrnn.formats.onnx.Term.Op;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Joined;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Concat and Pad: the steps of a sequence, the last states of several layers, causal padding. */
final class JoinNode {
  private static final int MAX_PAD = 1 << 20;
  private static final int MAX_PADDED = 1 << 28; // so that several pads do not overflow

  private JoinNode() {}

  static Value concat(NodeCall call) {
    List<Value> values = call.inputs();
    if (values.isEmpty() || values.contains(null)) {
      throw call.refused("expected inputs");
    }
    long along = call.integer("axis", 0);
    if (call.isConstant()) {
      return ConstantNode.concat(call, values.stream().map(Weights.class::cast).toList(), along);
    }
    if (values.size() == 1) {
      return values.get(0);
    }
    int rank = rank(values.get(0));
    int place = rank == 0 ? 0 : call.axis(along, rank);
    List<Signal> parts = new ArrayList<>();
    boolean fits = true;
    for (Value value : values) {
      if (value instanceof Joined joined && joined.axis() == place) {
        parts.addAll(joined.parts());
      } else if (value instanceof Signal signal
          && signal.axes().size() == rank
          && rank > 0
          && isOfBoth(signal, place)) {
        parts.addAll(Directions.apart(call, signal, place));
      } else if (value instanceof Signal signal && signal.axes().size() == rank && rank > 0) {
        parts.add(signal);
      } else {
        fits = false;
      }
    }
    if (fits) {
      Signal sequence = UnrolledCell.joined(call, parts, place);
      if (sequence == null) {
        sequence = steps(call, parts, place);
      }
      if (sequence != null) {
        return sequence;
      }
      if (parts.stream().allMatch(part -> isState(part, place))) {
        return new Joined(parts, place);
      }
      if (parts.size() == values.size() && parts.stream().anyMatch(part -> !part.isRaw())) {
        return ofFeatures(call, parts, place);
      }
    }
    throw call.unsupported(
        "expected constants, all steps of a sequence, or the last states of layers");
  }

  /** The vectors of one step after each other. */
  private static Signal ofFeatures(NodeCall call, List<Signal> parts, int place) {
    List<Term> terms = new ArrayList<>();
    List<Axis> axes = new ArrayList<>(parts.get(0).axes());
    int size = 0;
    for (Signal part : parts) {
      Term term = LinearNode.vector(call, part, place, 0).term();
      boolean isOfOneSequence = term.input() == parts.get(0).term().input();
      for (int i = 0; i < axes.size(); i++) {
        Axis axis = part.axes().get(i);
        isOfOneSequence &=
            i == place || axis.id() == axes.get(i).id() || axis.size() + axes.get(i).size() == 2;
      }
      if (!isOfOneSequence) {
        throw call.unsupported("expected vectors of the same step of one sequence");
      }
      terms.add(term);
      size = Math.addExact(size, call.take(term.size()));
    }
    axes.set(place, Axis.features(size));
    Term both =
        terms.size() == 2
            ? Directions.joined(call, Join.CONCATENATE, terms.get(0), terms.get(1))
            : null;
    if (both != null) {
      return new Signal(both, axes);
    }
    return new Signal(new Term(new Op("Concat"), terms, size, call.node().place(), Set.of()), axes);
  }

  private static int rank(Value value) {
    return value instanceof Signal signal
        ? signal.axes().size()
        : value instanceof Joined joined ? joined.parts().get(0).axes().size() : 0;
  }

  /** Whether it is the last state of both cells of a bidirectional layer, along a dimension. */
  private static boolean isOfBoth(Signal signal, int place) {
    boolean isState = signal.isState() || signal.term().kind() instanceof State;
    return isState && signal.axes().get(place).id() == Axis.DIRECTIONS;
  }

  private static boolean isState(Signal signal, int place) {
    boolean isState = signal.isState() || signal.term().kind() instanceof State;
    return isState && signal.axes().get(place).size() == 1;
  }

  /** A sequence that was taken apart and is put together again. */
  private static Signal steps(NodeCall call, List<Signal> parts, int place) {
    Term sequence = null;
    for (int k = 0; k < parts.size(); k++) {
      Signal part = parts.get(k);
      if (!(part.term().kind() instanceof At at)
          || at.k() != k
          || part.axes().get(place).size() != 1
          || (sequence != null && part.term().x() != sequence)) {
        return null;
      }
      sequence = part.term().x();
    }
    Axis time = call.walk().axisOf(parts.get(0).term());
    if (parts.size() != time.size()) {
      return null;
    }
    List<Axis> axes = new ArrayList<>(parts.get(0).axes());
    axes.set(place, time);
    return new Signal(sequence, axes);
  }

  /** Adds zeros before the first step, which a convolution then takes. */
  static Signal pad(NodeCall call) {
    Signal signal = call.signal(0);
    long[] pads = call.integers("pads", 1);
    long[] axes = call.optional(3) == null ? null : call.constants(3);
    Value value = call.optional(2);
    boolean isZero =
        value == null
            ? call.number("value", 0) == 0
            : value instanceof Weights weights
                && weights.tensor().isFloat()
                && weights.tensor().length() == 1
                && weights.tensor().floats()[0] == 0;
    if (!isZero || !call.attribute("mode", String.class, "constant").equals("constant")) {
      throw call.unsupported("expected padding with zeros");
    }
    int count = axes == null ? signal.axes().size() : axes.length;
    if (pads == null || pads.length != 2L * count) {
      throw call.refused("expected two numbers of pads for each dimension");
    }
    List<Axis> padded = new ArrayList<>(signal.axes());
    for (int i = 0; i < count; i++) {
      int place = axes == null ? i : call.axis(axes[i], padded.size());
      if (pads[i] == 0 && pads[count + i] == 0) {
        continue;
      }
      Axis axis = padded.get(place);
      boolean fits = isCount(pads[i]) && isCount(pads[count + i]) && axis.size() < MAX_PADDED;
      if (axis.id() == Axis.FEATURES || !fits) {
        throw call.unsupported("expected zeros before the first step");
      }
      padded.set(place, axis.padded((int) pads[i], (int) pads[count + i]));
    }
    return signal.withAxes(padded);
  }

  private static boolean isCount(long pad) {
    return pad >= 0 && pad <= MAX_PAD;
  }
}
