package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Input;
import io.github.flinkrnn.formats.onnx.Value.Axis;
import io.github.flinkrnn.formats.onnx.Value.Joined;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Steps;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/**
 * The nodes that take parts: Gather, Slice, Split, OneHot. They select the rows of an embedding,
 * one step of a sequence, some of its features, or the last state of a layer. On a stream, each
 * step is the last so far, so the output for the last step is the output for each.
 */
final class SelectNode {
  private SelectNode() {}

  static Value gather(NodeCall call) {
    Value value = call.required(0);
    Value indices = call.required(1);
    if (value instanceof Weights table && indices instanceof Signal ids) {
      return embedded(call, table, ids);
    }
    long[] at = call.constants(1);
    OnnxTensor index = ((Weights) indices).tensor();
    if (value instanceof Weights weights) {
      int rank = weights.tensor().rank();
      return ConstantNode.gather(call, weights, call.axis(call.integer("axis", 0), rank), index);
    }
    boolean isSingle = index.rank() == 0;
    if (value instanceof Joined joined) {
      return at.length == 1
          ? part(call, joined, call.integer("axis", 0), at[0], isSingle)
          : joinedAsAWhole(call);
    }
    Signal signal = call.signal(0);
    int place = call.axis(call.integer("axis", 0), signal.axes().size());
    Axis axis = signal.axes().get(place);
    int[] places = new int[at.length];
    for (int i = 0; i < at.length; i++) {
      places[i] = call.axis(at[i], axis.size());
    }
    if (axis.id() == Axis.DIRECTIONS && at.length == 1) {
      return Directions.one(call, signal, place, places[0], !isSingle);
    }
    if (axis.id() == Axis.FEATURES) {
      Signal some = features(call, signal, place, places);
      return isSingle ? without(some, place) : some;
    }
    return at.length == 1 ? step(call, signal, place, places[0], !isSingle) : aPart(call, signal);
  }

  private static Value joinedAsAWhole(NodeCall call) {
    throw call.unsupported(
        "expected the last state of one layer, or both states of a bidirectional one");
  }

  /** The last state of one of several layers. */
  private static Signal part(
      NodeCall call, Joined joined, long along, long index, boolean dropsAxis) {
    Signal first = joined.parts().get(0);
    int axis = call.axis(along, first.axes().size());
    if (axis != joined.axis()) {
      throw call.unsupported("expected the last state of one layer");
    }
    Signal part = joined.parts().get(call.axis(index, joined.parts().size()));
    return dropsAxis ? without(part, axis) : part;
  }

  private static Signal without(Signal signal, int place) {
    List<Axis> axes = new ArrayList<>(signal.axes());
    axes.remove(place);
    return signal.withAxes(axes);
  }

  /** One step of a sequence. */
  static Signal step(NodeCall call, Signal signal, int place, int k, boolean keepsAxis) {
    Axis axis = signal.axes().get(place);
    Signal step = axis.size() == 1 ? signal : call.walk().at(call, signal, axis, k);
    List<Axis> axes = new ArrayList<>(signal.axes());
    if (keepsAxis) {
      axes.set(place, axis.size() == 1 ? axis : call.walk().single());
    } else {
      axes.remove(place);
    }
    return new Signal(step.term(), axes, signal.isState());
  }

  /** A part of a graph input, usable only as a state. What a layer computes cannot be split. */
  private static Signal aPart(NodeCall call, Signal signal) {
    if (!signal.isRaw()) {
      throw call.unsupported("expected one step of what the layers compute, the last");
    }
    Input input = (Input) signal.term().kind();
    Input part = new Input(input.name(), input.isWhole(), true, null, 0);
    return signal.with(new Term(part, List.of(), 0, call.node().place(), Set.of()));
  }

  /** Some features of each step, as a product with a row of zeros and a one for each. */
  private static Signal features(NodeCall call, Signal signal, int place, int[] features) {
    int n = signal.axes().get(place).size();
    if (features.length == 0) {
      throw call.refused("expected at least one feature, found none");
    }
    FMatrixRMaj w =
        FMatrixRMaj.wrap(features.length, n, new float[call.take((long) features.length * n)]);
    boolean isAll = features.length == n;
    for (int row = 0; row < features.length; row++) {
      w.unsafe_set(row, features[row], 1);
      isAll &= features[row] == row;
    }
    return isAll
        ? signal
        : LinearNode.product(call, signal, place, w, call.node().place(), Set.of());
  }

  private static Signal embedded(NodeCall call, Weights table, Signal ids) {
    OnnxTensor e = table.tensor();
    expectIds(call, ids);
    if (!e.isFloat() || e.rank() != 2 || e.length() == 0 || call.integer("axis", 0) != 0) {
      throw call.refused("expected an embedding of words × numbers, found " + e);
    }
    return words(call, ids, e, 0, e.last(), table.from());
  }

  private static void expectIds(NodeCall call, Signal ids) {
    boolean isIds =
        ids.term().kind() instanceof Input input && input.isWhole() && !input.takesIds();
    if (!isIds || ((Input) ids.term().kind()).isPart()) {
      throw call.unsupported("expected word ids, directly from a graph input, as indices");
    }
  }

  private static Signal words(
      NodeCall call, Signal ids, OnnxTensor embedding, int oneHot, int size, Set<String> from) {
    List<Axis> axes = new ArrayList<>(ids.axes());
    axes.add(Axis.features(size));
    Input input = new Input(((Input) ids.term().kind()).name(), true, false, embedding, oneHot);
    String source = embedding == null ? call.node().place() : embedding.toString();
    return new Signal(new Term(input, List.of(), size, source, from), axes);
  }

  static Value oneHot(NodeCall call) {
    Signal ids = call.signal(0);
    expectIds(call, ids);
    long[] depth = call.constants(1);
    long axis = call.integer("axis", -1);
    if (depth.length != 1 || depth[0] < 1 || depth[0] > 1 << 24) {
      throw call.refused("expected the length of the vectors, 1 to 2^24, as input 1");
    }
    if (axis != -1 && axis != ids.axes().size()) {
      throw call.unsupported("expected the last axis, found axis " + axis);
    }
    if (!(call.required(2) instanceof Weights values) || !isOffOn(values.tensor())) {
      throw call.unsupported("expected constant values 0 and 1 as input 2");
    }
    return words(call, ids, null, (int) depth[0], (int) depth[0], values.from());
  }

  /** One-hot vectors as torch.export writes them: ids that are compared with 0, 1, 2 … */
  static Value oneHotByComparison(NodeCall call) {
    Signal ids = call.signal(call.required(0) instanceof Signal ? 0 : 1);
    expectIds(call, ids);
    long[] all = call.constants(call.required(0) instanceof Signal ? 1 : 0);
    int last = ids.axes().size() - 1;
    boolean isRange = last >= 0 && ids.axes().get(last).size() == 1;
    for (int i = 0; i < all.length; i++) {
      isRange &= all[i] == i;
    }
    if (!isRange || all.length < 2) {
      throw call.unsupported("expected ids that are compared with all numbers from 0");
    }
    return words(
        call, ids.withAxes(ids.axes().subList(0, last)), null, all.length, all.length, Set.of());
  }

  private static boolean isOffOn(OnnxTensor values) {
    if (values.length() != 2) {
      return false;
    }
    return values.isFloat()
        ? values.floats()[0] == 0 && values.floats()[1] == 1
        : values.integers()[0] == 0 && values.integers()[1] == 1;
  }

  static Value slice(NodeCall call) {
    Value value = call.required(0);
    long[] starts = call.integers("starts", 1);
    long[] ends = call.integers("ends", 2);
    long[] axes = call.integers("axes", 3);
    long[] steps = call.integers("steps", 4);
    if (starts == null
        || ends == null
        || starts.length != ends.length
        || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw call.refused("expected as many starts as ends, axes and steps");
    }
    for (int i = 0; i < starts.length; i++) {
      long axis = axes == null ? i : axes[i];
      value = sliced(call, value, axis, starts[i], ends[i], steps == null ? 1 : steps[i]);
    }
    return value;
  }

  private static Value sliced(
      NodeCall call, Value value, long along, long start, long end, long step) {
    if (value instanceof Joined joined) {
      int count = joined.parts().size();
      int from = ShapeNode.within(start, count);
      int to = ShapeNode.within(end, count);
      if (to == from + 1 && step == 1) {
        return part(call, joined, along, from, false);
      }
      boolean isAlong = call.axis(along, joined.parts().get(0).axes().size()) == joined.axis();
      Signal both =
          isAlong && from < to && step == 1
              ? Directions.together(call, joined.parts().subList(from, to), joined.axis())
              : null;
      return both == null ? joinedAsAWhole(call) : both;
    }
    int[] sizes = ShapeNode.sizes(call, value);
    int place = call.axis(along, sizes.length);
    int size = sizes[place];
    if (step == 0 || step == Long.MIN_VALUE) {
      throw call.refused("expected a step other than 0");
    }
    int stride = (int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, step));
    int from = step > 0 ? ShapeNode.within(start, size) : backwards(start, size);
    int to = step > 0 ? ShapeNode.within(end, size) : backwards(end, size);
    if (value instanceof Weights weights) {
      return ConstantNode.slice(call, weights, place, from, to, stride);
    }
    return sliced(call, (Signal) value, place, from, to, stride);
  }

  private static int backwards(long index, int size) {
    return (int) Math.max(-1, Math.min(index < 0 ? index + size : index, size - 1));
  }

  private static Signal sliced(
      NodeCall call, Signal signal, int place, int from, int to, int step) {
    Axis axis = signal.axes().get(place);
    if (step == 1 && from == 0 && to == axis.size()) {
      return signal;
    }
    if (axis.id() == Axis.DIRECTIONS && step == 1 && to == from + 1) {
      return Directions.one(call, signal, place, from, true);
    }
    if (axis.id() == Axis.FEATURES) {
      List<Integer> places = new ArrayList<>();
      for (int i = from; step > 0 ? i < to : i > to; i += step) {
        places.add(i);
      }
      int[] features = places.stream().mapToInt(Integer::intValue).toArray();
      return features(call, signal, place, features);
    }
    if (step < 0) {
      throw call.unsupported("expected steps in their order, found them backwards");
    }
    if (step == 1 && axis.isPadded() && from <= Math.max(0, axis.before())) {
      List<Axis> axes = new ArrayList<>(signal.axes());
      axes.set(place, axis.padded(-from, to - axis.size()));
      return signal.withAxes(axes);
    }
    return step == 1 && to == from + 1
        ? step(call, signal, place, from, true)
        : aPart(call, signal);
  }

  /** Equal or given parts along an axis. */
  static List<Value> split(NodeCall call) {
    Value value = call.required(0);
    int[] sizes = ShapeNode.sizes(call, value);
    int place = call.axis(call.integer("axis", 0), sizes.length);
    long[] lengths = call.integers("split", 1);
    int count = call.node().outputs().size();
    if (lengths == null) {
      lengths = new long[count];
      int size = (sizes[place] + count - 1) / Math.max(1, count);
      for (int i = 0; i < count; i++) {
        lengths[i] = Math.max(0, Math.min(size, sizes[place] - i * size));
      }
    }
    if (lengths.length != count) {
      throw call.refused("expected " + count + " lengths, found " + lengths.length);
    }
    List<Value> parts = new ArrayList<>();
    long from = 0;
    for (long length : lengths) {
      if (length < 0 || from + length > sizes[place]) {
        throw call.refused("expected parts of " + sizes[place] + " in total");
      }
      parts.add(sliced(call, value, place, from, from + length, 1));
      from += length;
    }
    return parts;
  }

  static Value steps(NodeCall call) {
    Signal sequence = call.signal(0);
    int place = call.axis(call.integer("axis", 0), sequence.axes().size());
    if (call.optional(1) != null || call.integer("keepdims", 1) != 0) {
      throw call.unsupported("expected single steps, without keepdims");
    }
    return new Steps(sequence, place);
  }

  static Value stepAt(NodeCall call) {
    long[] index = call.constants(1);
    if (!(call.required(0) instanceof Steps steps) || index.length != 1) {
      throw call.unsupported("expected one step of a split sequence");
    }
    Axis axis = steps.sequence().axes().get(steps.axis());
    int k = call.axis(index[0], axis.size());
    return step(call, steps.sequence(), steps.axis(), k, false);
  }
}
