package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * The gated recurrent unit (Cho et al. 2014), with r the reset gate and z the update gate:
 *
 * <pre>
 * r    = σ(Wrx x&lt;t&gt; + brx + Wra a&lt;t-1&gt; + bra)
 * z    = σ(Wzx x&lt;t&gt; + bzx + Wza a&lt;t-1&gt; + bza)
 * c    = g(Wcx x&lt;t&gt; + bcx + r ∘ (Wca a&lt;t-1&gt; + bca))      reset after the product
 * c    = g(Wcx x&lt;t&gt; + bcx + Wca (r ∘ a&lt;t-1&gt;) + bca)      reset before the product
 * a&lt;t&gt; = (1 - z) ∘ c + z ∘ a&lt;t-1&gt;
 * </pre>
 *
 * Reset after the product is {@code nn.GRU} in PyTorch (see the formulas in its documentation),
 * {@code reset_after=True} in Keras and {@code linear_before_reset=1} in ONNX. Reset before the
 * product is the form of the paper, {@code reset_after=False} in Keras and {@code
 * linear_before_reset=0} in ONNX.
 */
@Internal
public final class GruCell implements Layer {
  private final float[] bx; // [3 n_a], or null
  private final float[] ba; // [3 n_a], or null
  private final Activation gate;
  private final Activation g;
  private final boolean resetAfter;
  private final Kernel kernel;
  private final Affine ofX; // [3 n_a × n_x], with all biases except the one that r multiplies
  private final Affine gatesOfA; // [2 n_a × n_a], rows of r and z
  private final Affine candidateOfA; // [n_a × n_a], rows of c

  /**
   * @param wx [3 n_a × n_x], the rows of r, z and c
   * @param wa [3 n_a × n_a], in the same order
   * @param bx [3 n_a], or null for none
   * @param ba [3 n_a], or null for none
   * @param gate σ of r and z
   * @param g the activation of the candidate c
   * @param resetAfter whether r applies after the product
   */
  public GruCell(
      FMatrixRMaj wx,
      FMatrixRMaj wa,
      float[] bx,
      float[] ba,
      Activation gate,
      Activation g,
      boolean resetAfter,
      Kernel kernel) {
    this.bx = bx;
    this.ba = ba;
    this.gate = gate;
    this.g = g;
    this.resetAfter = resetAfter;
    this.kernel = kernel;
    int nA = wa.getNumCols();
    boolean apart = resetAfter && ba != null;
    ofX = kernel.affine(wx, sum(bx, ba, apart ? 2 * nA : 3 * nA));
    gatesOfA = kernel.affine(rows(wa, 0, 2 * nA), null);
    candidateOfA =
        kernel.affine(
            rows(wa, 2 * nA, 3 * nA), apart ? Arrays.copyOfRange(ba, 2 * nA, 3 * nA) : null);
  }

  // bx + ba, with the first {@code count} numbers of ba.
  private static float[] sum(float[] bx, float[] ba, int count) {
    if (ba == null) {
      return bx;
    }
    float[] sum = bx == null ? new float[ba.length] : bx.clone();
    for (int i = 0; i < count; i++) {
      sum[i] += ba[i];
    }
    return sum;
  }

  private static FMatrixRMaj rows(FMatrixRMaj matrix, int from, int to) {
    return CommonOps_FDRM.extract(matrix, from, to, 0, matrix.getNumCols());
  }

  @Override
  public String type() {
    return resetAfter ? "gru" : "gru (reset before the product)";
  }

  @Override
  public Affine ofInput() {
    return ofX;
  }

  @Override
  public int outputSize() {
    return candidateOfA.rows();
  }

  @Override
  public int stateSize() {
    return outputSize();
  }

  @Override
  public List<Affine> products() {
    return List.of(ofX, gatesOfA, candidateOfA);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("gru " + gate + " " + g + " " + resetAfter);
    fingerprint.addSideBySide(ofX).add(3 * outputSize(), outputSize(), this::rowOfA);
    fingerprint.add(bx).add(ba);
  }

  private void rowOfA(int row, float[] w) {
    int gates = gatesOfA.rows();
    if (row < gates) {
      gatesOfA.row(row, w, 0);
    } else {
      candidateOfA.row(row - gates, w, 0);
    }
  }

  @Override
  public Stepper stepper() {
    return new GruStepper();
  }

  private final class GruStepper extends ProductStepper {
    private final int nA = outputSize();
    private final Sweep sweep = new Sweep();
    private final float[] fromX = new float[3 * nA];
    private final float[] sums = new float[2 * nA];
    private final float[] gates = new float[2 * nA]; // r, z
    private final float[] candidate = new float[nA];
    private final float[] resetA = new float[nA]; // r ∘ a<t-1>
    private final Room sumsOfEach = new Room(2 * nA);
    private final Room gatesOfEach = new Room(2 * nA);
    private final Room candidates = new Room(nA);
    private final Room resets = new Room(nA);

    GruStepper() {
      super(ofX, new Room(ofX.rows()));
    }

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      if (resetAfter) {
        sweep.through(ofX, x, xAt, fromX, gatesOfA, previous, at, sums, candidateOfA, candidate);
      } else {
        ofX.apply(x, xAt, fromX, 0);
        gatesOfA.applyFrom(fromX, 0, previous, at, sums, 0);
      }
      afterSums(fromX, 0, previous, next, at);
    }

    @Override
    public void stepFrom(
        float[] given, int givenAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      gatesOfA.applyFrom(given, givenAt, previous, at, sums, 0);
      if (resetAfter) {
        candidateOfA.apply(previous, at, candidate, 0);
      }
      afterSums(given, givenAt, previous, next, at);
    }

    private void afterSums(float[] given, int givenAt, float[] previous, float[] next, int at) {
      gate.apply(kernel, sums, 0, gates, 0, 2 * nA);
      int candidateAt = givenAt + 2 * nA;
      if (resetAfter) {
        addReset(gates, candidate, given, candidateAt);
      } else {
        reset(gates, previous, at, resetA);
        candidateOfA.applyFrom(given, candidateAt, resetA, 0, candidate, 0);
      }
      update(gates, candidate, previous, next, at);
    }

    @Override
    public void stepEachFrom(
        int count,
        float[][] given,
        int givenAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      float[][] z = sumsOfEach.of(count);
      float[][] itsGates = gatesOfEach.of(count);
      float[][] candidate = candidates.of(count);
      float[][] reset = resets.of(count);
      int candidateAt = givenAt + 2 * nA;
      gatesOfA.applyEachFrom(count, given, givenAt, previous, at, z, 0);
      if (resetAfter) {
        candidateOfA.applyEach(count, previous, at, candidate, 0);
      }
      for (int i = 0; i < count; i++) {
        gate.apply(kernel, z[i], 0, itsGates[i], 0, 2 * nA);
        if (resetAfter) {
          addReset(itsGates[i], candidate[i], given[i], candidateAt);
        } else {
          reset(itsGates[i], previous[i], at, reset[i]);
        }
      }
      if (!resetAfter) {
        candidateOfA.applyEachFrom(count, given, candidateAt, reset, 0, candidate, 0);
      }
      for (int i = 0; i < count; i++) {
        update(itsGates[i], candidate[i], previous[i], next[i], at);
      }
    }

    // Wcx x<t> + bcx + r ∘ (Wca a<t-1> + bca)
    private void addReset(float[] gates, float[] candidate, float[] given, int candidateAt) {
      for (int i = 0; i < nA; i++) {
        candidate[i] = Math.fma(gates[i], candidate[i], given[candidateAt + i]);
      }
    }

    // r ∘ a<t-1>
    private void reset(float[] gates, float[] previous, int at, float[] into) {
      for (int i = 0; i < nA; i++) {
        into[i] = gates[i] * previous[at + i];
      }
    }

    // a<t> = (1 - z) ∘ c + z ∘ a<t-1>
    private void update(float[] gates, float[] candidate, float[] previous, float[] next, int at) {
      if (g == Activation.TANH) {
        kernel.gru(gates, nA, candidate, previous, next, at, nA);
        return;
      }
      for (int i = 0; i < nA; i++) {
        float z = gates[nA + i];
        next[at + i] = Math.fma(z, previous[at + i], (1 - z) * g.apply(candidate[i]));
      }
    }
  }
}
