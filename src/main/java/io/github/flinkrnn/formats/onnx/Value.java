package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/** What is known about a value of the graph without running the graph. */
sealed interface Value {
  /**
   * A constant.
   *
   * @param from the constants of the file that it was computed from
   */
  record Weights(OnnxTensor tensor, Set<String> from) implements Value {}

  /** The same number in every element, with an irrelevant shape: zeros before the first token. */
  record Filled(float number, Set<String> from) implements Value {}

  /**
   * Integers computed from shapes.
   *
   * @param entries the integers, or {@link #UNKNOWN} each; null if even their number is unknown
   */
  record Sizes(long[] entries) implements Value {
    static final long UNKNOWN = Long.MIN_VALUE;
  }

  /**
   * A part of a graph input, or a hidden or cell state that is an output of the graph. Usable only
   * as a state.
   *
   * @param input the graph input; null for an output state
   * @param what a phrase for errors
   */
  record Aside(String input, String what) implements Value {}

  /**
   * The sequence on its way from the input through the cells to the output.
   *
   * @param axes the dimensions of the value
   * @param timeAxis the axis that the cells step along; unknown before the first cell
   * @param layers the cells so far
   * @param head the linear layers so far
   * @param ending what follows the head: the node of a softmax, or null
   * @param isState whether it is a last hidden state, an output of the node of a cell
   */
  record Flow(
      Origin origin,
      List<Axis> axes,
      int timeAxis,
      List<Cell> layers,
      List<Dense> head,
      OnnxNode ending,
      boolean isState)
      implements Value {
    static final int UNKNOWN_TIME = -9;

    Flow withAxes(List<Axis> other) {
      return new Flow(origin, other, timeAxis, layers, head, ending, isState);
    }

    Flow with(Origin other, List<Axis> otherAxes) {
      return new Flow(other, otherAxes, timeAxis, layers, head, ending, isState);
    }

    Flow withHead(List<Dense> other, List<Axis> otherAxes) {
      return new Flow(origin, otherAxes, timeAxis, layers, other, ending, false);
    }

    Flow plus(Dense linear, List<Axis> otherAxes) {
      List<Dense> longer = new ArrayList<>(head);
      longer.add(linear);
      return withHead(longer, otherAxes);
    }

    Flow endingWith(OnnxNode node) {
      return new Flow(origin, axes, timeAxis, layers, head, node, false);
    }

    boolean isInput() {
      return layers.isEmpty();
    }

    Axis last() {
      return axes.isEmpty() ? new Axis(-1, 1) : axes.get(axes.size() - 1);
    }

    /** Whether the features of a step are the last dimension, as linear layers require. */
    boolean endsInFeatures() {
      return last().id() == Axis.FEATURES;
    }
  }

  /**
   * A dimension of a flow, identified independently of its position.
   *
   * @param size -1 if it is known only when the graph runs
   */
  record Axis(int id, long size) {
    static final int FEATURES = -2;
    static final int MAX_RANK = 16;

    /** Time and batch merged by a reshape. */
    static final Axis MIXED = new Axis(-3, -1);

    /** A dimension of 1 that a node inserted. */
    static Axis single(int node, int place) {
      return new Axis(1000 + MAX_RANK * node + place, 1);
    }

    static Axis features(long size) {
      return new Axis(FEATURES, size);
    }
  }

  /**
   * Where the sequence comes from.
   *
   * @param isWhole whether it holds integers, such as word ids
   * @param embedding E, or null
   * @param oneHot the length of the one-hot vectors made from ids; 0 for none
   */
  record Origin(String input, boolean isWhole, OnnxTensor embedding, int oneHot, Set<String> from) {
    boolean takesIds() {
      return embedding != null || oneHot > 0;
    }
  }

  /**
   * A recurrent node.
   *
   * @param cell the built-in cell that computes it
   * @param h0 the hidden state before the first token, [n_a]; null for zeros
   * @param c0 an LSTM's cell state before it; null for zeros
   */
  record Cell(Layer cell, float[] h0, float[] c0, String source, String start, Set<String> from) {}

  /**
   * A linear layer of the head, g(W v + b). Nodes after the product add the bias and g.
   *
   * @param weights W, [out × in]
   * @param bias b, [out], or null for none
   * @param activation g; identity until a node sets it
   */
  record Dense(
      FMatrixRMaj weights, float[] bias, Activation activation, String source, Set<String> from) {
    Dense with(Activation g) {
      return new Dense(weights, bias, g, source, from);
    }
  }
}
