package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;

/**
 * The arithmetic of a step: products of a matrix and a vector, and the functions that go through
 * whole vectors. Every kernel gives the same bits: {@link Affine} says how for products, {@link
 * FloatMath} for tanh, σ and e^z. Immutable, shared by all threads.
 */
public interface Kernel {
  /** How metrics and descriptions name it. */
  String name();

  /**
   * Packs the weights once for the way it reads them.
   *
   * @param weights W, [rows × columns]
   * @param bias b, [rows], or null for none
   */
  Affine affine(FMatrixRMaj weights, float[] bias);

  /** y = tanh z for {@code length} numbers of z from {@code zAt}; y must not overlap z. */
  void tanh(float[] z, int zAt, float[] y, int yAt, int length);

  /** y = σ(z), as {@link #tanh}. */
  void sigmoid(float[] z, int zAt, float[] y, int yAt, int length);

  /** y = e^z, as {@link #tanh}; see {@link FloatMath#exp} for how large z may be. */
  void exp(float[] z, int zAt, float[] y, int yAt, int length);

  /** Whether all {@code length} numbers from {@code at} are finite. */
  boolean isFinite(float[] numbers, int at, int length);

  /**
   * What an LSTM does behind its gates: c = fma(f, c', i g) and out = o tanh c.
   *
   * @param gates [4n]: i, f, o and g, each of n numbers
   * @param previous holds c', [n], from {@code cAt}
   * @param next receives c, [n], from {@code cAt}
   * @param out receives o tanh c, [n], from {@code outAt}; may be {@code next}, before c
   */
  void lstm(float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n);

  /**
   * What a GRU does behind its gates: a = fma(z, a', (1 - z) tanh s).
   *
   * @param z holds the update gate, [n], from {@code zAt}
   * @param candidate holds s, [n], from 0
   * @param previous holds a', [n], from {@code at}
   * @param next receives a, [n], from {@code at}
   */
  void gru(float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n);

  /**
   * The kernel of this JVM, chosen once: with vectors where the JVM was started with {@code
   * --add-modules jdk.incubator.vector}, else the portable one, with one warning. Vectors are slow
   * until the compiler has seen them, so scalars compute for the first seconds of a JVM. The system
   * property {@value KernelChoice#PROPERTY} forces {@code simd}, from the first step on, or {@code
   * portable}.
   *
   * @throws IllegalStateException when the property says what there is not
   */
  static Kernel best() {
    return KernelChoice.ofThisJvm();
  }
}
