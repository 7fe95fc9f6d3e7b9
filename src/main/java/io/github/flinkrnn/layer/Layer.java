package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A layer computes y&lt;t&gt; from x&lt;t&gt; and, if it has a state, from the state after step
 * t-1. Immutable and shared by all threads of a JVM; the working memory of a step is in its {@link
 * Stepper}.
 *
 * <p>The state is {@link #stateSize()} floats of the state of the sequence: none for a linear
 * layer, a&lt;t&gt; for an Elman cell or a GRU, a&lt;t&gt; followed by c&lt;t&gt; for an LSTM.
 */
@Internal
public interface Layer {
  /** A phrase for the type of the layer. */
  String type();

  /**
   * The input product of a step, W x&lt;t&gt; + b, which does not depend on the state; null if the
   * layer begins with something else. The same x gives the same numbers at every step, so the
   * products of a whole vocabulary fit in a table. {@link Stepper#stepFrom} continues from them.
   */
  default Affine ofInput() {
    return null;
  }

  /** The length of x&lt;t&gt;. */
  default int inputSize() {
    return ofInput().columns();
  }

  /** The length of y&lt;t&gt;. */
  default int outputSize() {
    return inputSize();
  }

  /** The number of floats of state; 0 for a layer without a state. */
  default int stateSize() {
    return 0;
  }

  /**
   * Whether y&lt;t&gt; is the beginning of the state after step t, as a&lt;t&gt; of a recurrent
   * layer is.
   */
  default boolean keepsOutput() {
    return stateSize() > 0;
  }

  /** How many tokens before t y&lt;t&gt; depends on directly; 0 for the last state only. */
  default int lookBack() {
    return 0;
  }

  /** The layers inside this one, if it is made of others. */
  default List<Layer> inner() {
    return List.of();
  }

  /** The layer that was read from the weights file: this one, unless it only wraps another. */
  default Layer described() {
    return this;
  }

  /** The products of a step, whose matrices are most of the weights. */
  default List<Affine> products() {
    return ofInput() == null ? List.of() : List.of(ofInput());
  }

  /** The multiply-adds of a step. */
  default long multiplyAdds() {
    return products().stream().mapToLong(Affine::size).sum();
  }

  /**
   * Adds everything that y&lt;t&gt; depends on, so that no other layer reads the state of this one.
   */
  void addTo(Fingerprint fingerprint);

  /** A new stepper, for one thread. */
  Stepper stepper();

  /** Takes steps of one layer, with its working memory. Not thread-safe. */
  interface Stepper {
    /**
     * One step.
     *
     * @param x holds x&lt;t&gt;, [inputSize] from {@code xAt}; may be {@code next}, below {@code
     *     at}
     * @param previous holds the state after step t-1, [stateSize] from {@code at}; not changed
     * @param next receives the state after step t, [stateSize] from {@code at}; not the array
     *     {@code previous}
     * @param y receives y&lt;t&gt;, [outputSize] from {@code yAt}, without overlapping x; {@code
     *     next} from {@code at} if the layer {@linkplain Layer#keepsOutput keeps its output}
     */
    void step(float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt);

    /**
     * A step with a given input product, with the same bits as {@link #step}. Only for a layer that
     * has one.
     *
     * @param sums holds the result of {@link Layer#ofInput} from {@code sumsAt}; not changed
     * @param previous as for {@link #step}
     * @param next as for {@link #step}; not the array {@code sums}
     * @param y as for {@link #step}
     */
    default void stepFrom(
        float[] sums, int sumsAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      throw new UnsupportedOperationException("expected a layer that begins with a product");
    }

    /**
     * A step of each of several sequences, with the same bits as {@link #step} for each. The
     * parameters are those of {@link #step}, with an array for each sequence.
     *
     * @param count how many sequences: the first ones in the arrays
     * @param x several may be the same array
     * @param previous several may be the same array
     */
    default void stepEach(
        int count,
        float[][] x,
        int xAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      for (int i = 0; i < count; i++) {
        step(x[i], xAt, previous[i], next[i], at, y[i], yAt);
      }
    }

    /**
     * A step of each of several sequences with a given input product, with the same bits as {@link
     * #stepFrom} for each.
     */
    default void stepEachFrom(
        int count,
        float[][] sums,
        int sumsAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      for (int i = 0; i < count; i++) {
        stepFrom(sums[i], sumsAt, previous[i], next[i], at, y[i], yAt);
      }
    }

    /**
     * The same as {@link #stepEachFrom} for states of only zeros, whose products are known.
     *
     * @param zeros the state of each, [stateSize] zeros from {@code at}
     */
    default void stepEachFromZero(
        int count,
        float[][] sums,
        int sumsAt,
        float[][] zeros,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      stepEachFrom(count, sums, sumsAt, zeros, next, at, y, yAt);
    }

    /** A step of a layer that keeps its output. */
    default void step(float[] x, int xAt, float[] previous, float[] next, int at) {
      step(x, xAt, previous, next, at, next, at);
    }
  }
}
