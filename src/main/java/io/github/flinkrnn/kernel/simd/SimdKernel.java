package io.github.flinkrnn.kernel.simd;

import static jdk.incubator.vector.VectorOperators.EQ;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Panels;
import io.github.flinkrnn.kernel.PortableKernel;
import io.github.flinkrnn.kernel.WeightForm;
import io.github.flinkrnn.kernel.simd.SimdMath.Curve;
import java.util.EnumMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * The kernel with {@code jdk.incubator.vector}. Each lane of a vector computes a row of a matrix or
 * an element of an array. The portable kernel computes arrays that are shorter than a vector.
 */
@Internal
public final class SimdKernel implements Kernel {
  /** The vector size in bits, for tests. By default, the largest of the machine. */
  private static final String BITS = "flink-rnn.kernel.bits";

  static final VectorSpecies<Float> SPECIES = species();

  private static final PortableKernel SCALARS = new PortableKernel();

  private static VectorSpecies<Float> species() {
    Integer bits = Integer.getInteger(BITS);
    if (bits != null) {
      return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }
    // Larger vectors were never tested, so 512 bits is the maximum.
    VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
    return widest.vectorBitSize() > 512 ? FloatVector.SPECIES_512 : widest;
  }

  private final WarmUp warmUp;
  private final Map<WeightForm, WarmUp> warmUps = new EnumMap<>(WeightForm.class);

  /** Computes with vectors from the start, even though they are slow at first. */
  public SimdKernel() {
    this(false);
  }

  /**
   * @param warmsUp whether scalars compute until vectors are fast, see {@link WarmUp}
   */
  public SimdKernel(boolean warmsUp) {
    warmUp = new WarmUp(!warmsUp);
    for (WeightForm form : WeightForm.values()) {
      warmUps.put(form, form == WeightForm.FLOAT32 ? warmUp : WarmUp.of(form, !warmsUp));
    }
  }

  @Override
  public String name() {
    return "simd-" + SPECIES.vectorBitSize();
  }

  @Override
  public Affine affine(FMatrixRMaj weights, float[] bias) {
    return affine(weights, bias, WeightForm.of(weights));
  }

  /**
   * Packs weights in a form that holds each of them. Only matrices with at least 64 rows are kept
   * in 16 bits: smaller ones are a small part of a model.
   */
  Affine affine(FMatrixRMaj weights, float[] bias, WeightForm form) {
    int rows = weights.getNumRows();
    int lanes = SPECIES.length();
    if (rows >= 64) {
      Panels panels = Panels.of(weights, bias, 4 * lanes, lanes, form);
      return new TwoStrands(panels, Scalars.of(weights, warmUps.get(form)));
    }
    if (rows >= 2 * lanes) {
      return new FourStrands(Panels.of(weights, bias, 2 * lanes), Scalars.of(weights, warmUp));
    }
    return rows >= lanes
        ? new FourStrandsNarrow(Panels.of(weights, bias, lanes), Scalars.of(weights, warmUp))
        : FewRows.of(weights, bias, warmUp);
  }

  @Override
  public void tanh(float[] z, int zAt, float[] y, int yAt, int length) {
    if (isForVectors(length)) {
      SimdMath.apply(Curve.TANH, z, zAt, y, yAt, length);
    } else {
      SCALARS.tanh(z, zAt, y, yAt, length);
    }
  }

  @Override
  public void sigmoid(float[] z, int zAt, float[] y, int yAt, int length) {
    if (isForVectors(length)) {
      SimdMath.apply(Curve.SIGMOID, z, zAt, y, yAt, length);
    } else {
      SCALARS.sigmoid(z, zAt, y, yAt, length);
    }
  }

  @Override
  public void exp(float[] z, int zAt, float[] y, int yAt, int length) {
    if (isForVectors(length)) {
      SimdMath.apply(Curve.EXP, z, zAt, y, yAt, length);
    } else {
      SCALARS.exp(z, zAt, y, yAt, length);
    }
  }

  @Override
  public boolean isFinite(float[] numbers, int at, int length) {
    if (!isForVectors(length)) {
      return SCALARS.isFinite(numbers, at, length);
    }
    int last = length - SPECIES.length();
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector sum = zero; // 0 x is 0 for a finite x, and else NaN
    for (int i = 0; i < length; i += SPECIES.length()) {
      sum = load(numbers, at + Math.min(i, last)).fma(zero, sum);
    }
    return sum.compare(EQ, 0).allTrue();
  }

  @Override
  public void lstm(
      float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt, int n) {
    if (!isForVectors(n)) {
      SCALARS.lstm(gates, previous, next, cAt, out, outAt, n);
      return;
    }
    int last = n - SPECIES.length();
    for (int i = 0; i < n; i += SPECIES.length()) {
      int k = Math.min(i, last);
      FloatVector entering = load(gates, k).mul(load(gates, 3 * n + k));
      load(gates, n + k).fma(load(previous, cAt + k), entering).intoArray(next, cAt + k);
    }
    SimdMath.apply(Curve.TANH, next, cAt, out, outAt, n);
    int whole = SPECIES.loopBound(n);
    for (int k = 0; k < whole; k += SPECIES.length()) {
      load(out, outAt + k).mul(load(gates, 2 * n + k)).intoArray(out, outAt + k);
    }
    for (int k = whole; k < n; k++) {
      out[outAt + k] *= gates[2 * n + k];
    }
  }

  @Override
  public void gru(
      float[] z, int zAt, float[] candidate, float[] previous, float[] next, int at, int n) {
    if (!isForVectors(n)) {
      SCALARS.gru(z, zAt, candidate, previous, next, at, n);
      return;
    }
    SimdMath.apply(Curve.TANH, candidate, 0, next, at, n);
    int whole = SPECIES.loopBound(n);
    for (int k = 0; k < whole; k += SPECIES.length()) {
      FloatVector update = load(z, zAt + k);
      FloatVector rest = load(next, at + k).mul(FloatVector.broadcast(SPECIES, 1).sub(update));
      update.fma(load(previous, at + k), rest).intoArray(next, at + k);
    }
    for (int k = whole; k < n; k++) {
      float update = z[zAt + k];
      next[at + k] = Math.fma(update, previous[at + k], next[at + k] * (1 - update));
    }
  }

  @Override
  public void sum(
      float[] start, float[] columns, float[] x, float[][] rows, int[] rowAt, float[] y) {
    int whole = isForVectors(y.length) ? SumOfRows.vectors(start, columns, x, rows, rowAt, y) : 0;
    if (whole < y.length) {
      SCALARS.sum(start, columns, x, rows, rowAt, y, whole);
    }
  }

  /** Whether the warm-up is over for products in a form. */
  boolean computesWithVectors(WeightForm form) {
    return warmUps.get(form).isOver();
  }

  private boolean isForVectors(int length) {
    return length >= SPECIES.length() && warmUp.isOver();
  }

  private static FloatVector load(float[] numbers, int at) {
    return FloatVector.fromArray(SPECIES, numbers, at);
  }
}
