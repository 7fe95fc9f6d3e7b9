package io.github.flinkrnn.formats.onnx;

import java.util.List;
import java.util.Set;

/** What is known about a value of the graph without running the graph. */
sealed interface Value {
  /**
   * A constant.
   *
   * @param from the constants of the file that it was computed from
   */
  record Weights(OnnxTensor tensor, Set<String> from) implements Value {}

  /**
   * A value that depends on the sequence: a vector of each step, in a tensor with other dimensions
   * besides.
   *
   * @param axes the dimensions of the tensor; without {@link Axis#FEATURES} while the vector is a
   *     graph input whose layout is not known yet, or one number in a tensor without its dimension
   * @param isState whether it is a last hidden state, an output of a recurrent node
   */
  record Signal(Term term, List<Axis> axes, boolean isState) implements Value {
    Signal(Term term, List<Axis> axes) {
      this(term, axes, false);
    }

    Signal withAxes(List<Axis> other) {
      return new Signal(term, other, isState);
    }

    Signal with(Term other) {
      return new Signal(other, axes, false);
    }

    /** Whether it is a graph input, or a part of one, that no layer has changed. */
    boolean isRaw() {
      return term.isRaw();
    }

    /** The place of an axis; -1 if it is not there. */
    int place(int id) {
      for (int i = 0; i < axes.size(); i++) {
        if (axes.get(i).id() == id) {
          return i;
        }
      }
      return -1;
    }

    /** Whether the features of a step are the last dimension, as an output must have them. */
    boolean endsInFeatures() {
      int place = place(Axis.FEATURES);
      if (place(Axis.DIRECTIONS) >= 0) {
        return false;
      }
      return place < 0 ? term.size() == 1 : place == axes.size() - 1;
    }
  }

  /**
   * The last states of several layers, or several steps of one, joined along an axis. A node may
   * only take one of them out again.
   */
  record Joined(List<Signal> parts, int axis) implements Value {}

  /**
   * A list of the steps of a sequence.
   *
   * @param axis of the sequence, which the elements do not have
   */
  record Steps(Signal sequence, int axis) implements Value {}

  /**
   * A dimension of a {@link Signal}, identified independently of its position.
   *
   * @param id unique; {@link #FEATURES} for the numbers of the vector, {@link #DIRECTIONS} for
   *     those of its halves that are apart
   * @param size as the file gives it, or an example for a size that is known only when the graph
   *     runs
   * @param isFree whether the size is only an example
   * @param before how many positions there are before the first step, because of padding; below 0
   *     if the first steps are not there
   * @param after how many positions there are after the last step
   * @param merged the dimensions that a reshape merged; empty for one dimension
   */
  record Axis(int id, int size, boolean isFree, int before, int after, List<Axis> merged) {
    static final int FEATURES = -1;

    /** Of the two cells of a bidirectional layer, whose vectors {@link #FEATURES} then holds. */
    static final int DIRECTIONS = -2;

    static final int MAX_RANK = 16;

    static Axis of(int id, int size, boolean isFree) {
      return new Axis(id, size, isFree, 0, 0, List.of());
    }

    static Axis features(int size) {
      return of(FEATURES, size, false);
    }

    /** The same dimension with other padding. */
    Axis padded(int moreBefore, int moreAfter) {
      int length = Math.addExact(size, Math.addExact(moreBefore, moreAfter));
      return new Axis(id, length, isFree, before + moreBefore, after + moreAfter, merged);
    }

    boolean isPadded() {
      return before != 0 || after != 0;
    }
  }
}
