package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Layer;
import java.util.List;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/**
 * A vector of each step as an expression of other vectors. Most kinds are a built-in layer; {@link
 * Op} is a piece of one that exporters write as several nodes ({@link Patterns}). Compared by
 * identity: the same object is the same vector.
 */
final class Term {
  /** How the vector is computed from those in {@link #of}. */
  sealed interface Kind {}

  /**
   * The vector of the token.
   *
   * @param name the graph input
   * @param isWhole whether it holds integers, such as word ids
   * @param isPart whether it is a part of the graph input, which may only be a state
   * @param embedding E, or null
   * @param oneHot the length of the one-hot vectors made from ids; 0 for none
   */
  record Input(String name, boolean isWhole, boolean isPart, OnnxTensor embedding, int oneHot)
      implements Kind {
    boolean takesIds() {
      return embedding != null || oneHot > 0;
    }
  }

  /**
   * W x + b.
   *
   * @param w [out × in]
   * @param b [out], or null for none
   */
  record Linear(FMatrixRMaj w, float[] b) implements Kind {}

  /** g(x), number by number. */
  record Activated(Activation g) implements Kind {}

  /** scale ∘ x + shift, with one number each or as many as x has. */
  record Scaled(double[] scale, double[] shift) implements Kind {}

  /**
   * The output of one cell of a bidirectional layer.
   *
   * @param index 0 for the forward cell, 1 for the backward cell
   */
  record Direction(int index) implements Kind {}

  /** Another layer that is not recurrent, such as a norm or a convolution. */
  record Made(Layer layer) implements Kind {}

  /**
   * A recurrent layer.
   *
   * @param h0 the hidden state before the first token, [n_a]; null for zeros
   * @param c0 an LSTM's cell state before it; null for zeros
   * @param start a phrase for the graph input in whose place zeros stand; null for none
   */
  record Cell(Layer layer, float[] h0, float[] c0, String start) implements Kind {}

  /** An operator of two vectors, or one that is only a piece of a layer. */
  record Op(String name) implements Kind {}

  /** Step k of a sequence, from 0. */
  record At(int k) implements Kind {}

  /** Step k of a recurrent layer whose steps are nodes of their own. */
  record Step(UnrolledCell cell, int k) implements Kind {}

  /** A state that is only an output of the graph. */
  record State(String what) implements Kind {}

  /** The kinds of {@link Op} that end a graph. */
  static final String SOFTMAX = "Softmax";

  static final String LOG_SOFTMAX = "LogSoftmax";

  private static final int MAX_DEPTH = 20_000;

  private final Kind kind;
  private final List<Term> of;
  private final int size;
  private final String source;
  private final Set<String> from;
  private final int depth;
  private final Term input;

  /**
   * @param size the length of the vector; 0 for a graph input whose layout is not known
   * @param source the node and its tensors, for descriptions
   * @param from the constants of the file that this term was made of, without those of {@code of}
   */
  Term(Kind kind, List<Term> of, int size, String source, Set<String> from) {
    this.kind = kind;
    this.of = List.copyOf(of);
    this.size = size;
    this.source = source;
    this.from = from;
    int below = 0;
    for (Term term : of) {
      below = Math.max(below, term.depth);
    }
    this.depth = Math.min(below + 1, MAX_DEPTH);
    this.input = of.isEmpty() ? this : of.get(0).input;
  }

  Kind kind() {
    return kind;
  }

  List<Term> of() {
    return of;
  }

  /** The vector that it is computed from. */
  Term x() {
    return of.get(0);
  }

  int size() {
    return size;
  }

  String source() {
    return source;
  }

  Set<String> from() {
    return from;
  }

  /** The number of terms on the longest way from the graph input. */
  int depth() {
    return depth;
  }

  /** The graph input, or its embedding, that it is computed from. */
  Term input() {
    return input;
  }

  boolean isRaw() {
    return kind instanceof Input input && !input.takesIds();
  }

  boolean is(String op) {
    return kind instanceof Op of && of.name().equals(op);
  }

  boolean is(Activation g) {
    return kind instanceof Activated of && of.g() == g;
  }
}
