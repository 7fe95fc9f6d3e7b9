package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * The arithmetic of a step: products of a matrix and a vector, and functions of whole vectors.
 * Every kernel gives the same bits: {@link Affine} defines them for products, {@link FloatMath} for
 * tanh, σ and e^z. Immutable and shared by all threads.
 */
@Internal
public interface Kernel {
  /** The name of the kernel in metrics and descriptions. */
  String name();

  /**
   * Packs weights for the products of this kernel.
   *
   * @param weights W, [rows × columns]
   * @param bias b, [rows], or null for none
   */
  Affine affine(FMatrixRMaj weights, float[] bias);

  /** The most numbers that a vector holds. Every other vector holds a power of 2 below. */
  int MAX_LANES = 16;

  /**
   * y = tanh z for {@code length} numbers of z from {@code zAt}; y must not overlap z, unless it is
   * z and the length is a multiple of {@link #MAX_LANES}.
   */
  void tanh(float[] z, int zAt, float[] y, int yAt, int length);

  /** y = σ(z), with parameters as for {@link #tanh}. */
  void sigmoid(float[] z, int zAt, float[] y, int yAt, int length);

  /** y = e^z, with parameters as for {@link #tanh}; {@link FloatMath#exp} gives the range of z. */
  void exp(float[] z, int zAt, float[] y, int yAt, int length);

  /** Replaces {@code length} numbers from {@code at} by their {@link #exp}. */
  default void exp(float[] y, int at, int length) {
    int whole = length - length % MAX_LANES; // whole vectors, so that none is computed twice
    exp(y, at, y, at, whole);
    for (int i = at + whole; i < at + length; i++) {
      y[i] = FloatMath.exp(y[i]);
    }
  }

  /** Replaces {@code length} numbers from {@code at} by their {@link #sigmoid}. */
  default void sigmoid(float[] y, int at, int length) {
    int whole = length - length % MAX_LANES;
    sigmoid(y, at, y, at, whole);
    for (int i = at + whole; i < at + length; i++) {
      y[i] = FloatMath.sigmoid(y[i]);
    }
  }

  /** Whether all {@code length} numbers from {@code at} are finite. */
  boolean isFinite(float[] numbers, int at, int length);

  /**
   * The LSTM update after the gates: c = fma(f, c', i g) and out = o tanh c.
   *
   * @param gates [4n]: i, f, o and g, each of n numbers
   * @param previous holds c', [n], from {@code cAt}
   * @param next receives c, [n], from {@code cAt}
   * @param out receives o tanh c, [n], from {@code outAt}; may be {@code next}, before c
   */
  void lstm(float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n);

  /**
   * The GRU update after the gates: a = fma(z, a', (1 - z) tanh s).
   *
   * @param z holds the update gate, [n], from {@code zAt}
   * @param candidate holds s, [n], from 0
   * @param previous holds a', [n], from {@code at}
   * @param next receives a, [n], from {@code at}
   */
  void gru(float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n);

  /**
   * y = b + W x + r + …, with a rounding after each term, in this order: b, fma of each column of W
   * and its x, and then each row r.
   *
   * @param start b, [n]; may be {@code y}
   * @param columns W, [x × n]: column after column
   * @param x a number for each column
   * @param rows an array that holds [n] numbers for each row
   * @param rowAt where each row begins in its array
   * @param y receives [n]
   */
  void sum(float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y);

  /**
   * The kernel of this JVM, chosen once: the vector kernel if the JVM was started with {@code
   * --add-modules jdk.incubator.vector}, else the portable kernel, with one warning. Vector code is
   * slow until it is compiled, so the vector kernel starts with scalar code. The system property
   * {@value KernelChoice#PROPERTY} selects {@code portable}, or {@code simd} with vectors from the
   * first step on.
   *
   * @throws IllegalStateException when the property has another value, or vectors are not available
   */
  static Kernel best() {
    return KernelChoice.ofThisJvm();
  }
}
