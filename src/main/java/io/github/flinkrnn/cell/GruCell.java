package io.github.flinkrnn.cell;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import java.util.Arrays;
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
 * Reset after the product is PyTorch's {@code nn.GRU} (its documentation's formulas), Keras's
 * {@code reset_after=True} and ONNX's {@code linear_before_reset=1}; before it is the paper's,
 * Keras's {@code reset_after=False} and ONNX's 0.
 */
public final class GruCell implements RecurrentCell {
  private final FMatrixRMaj wx; // [3 n_a × n_x], rows of r, z, c
  private final FMatrixRMaj wa; // [3 n_a × n_a]
  private final float[] bx; // [3 n_a], or null
  private final float[] ba; // [3 n_a], or null
  private final Activation gate;
  private final Activation g;
  private final boolean resetAfter;
  private final Affine ofX;
  private final Affine ofA; // of all three, or of r and z alone when the reset comes before
  private final Affine ofResetA; // of c, when the reset comes before

  /**
   * @param wx [3 n_a × n_x]: the rows of r, then those of z, then those of c
   * @param wa [3 n_a × n_a], in the same order
   * @param bx [3 n_a], or null for none
   * @param ba [3 n_a], or null for none
   * @param gate the σ of r and z
   * @param g of the candidate c
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
    this.wx = wx;
    this.wa = wa;
    this.bx = bx;
    this.ba = ba;
    this.gate = gate;
    this.g = g;
    this.resetAfter = resetAfter;
    int nA = wa.getNumCols();
    ofX = kernel.affine(wx, bx);
    if (resetAfter) {
      ofA = kernel.affine(wa, ba);
      ofResetA = null;
    } else {
      ofA = kernel.affine(rows(wa, 0, 2 * nA), part(ba, 0, 2 * nA));
      ofResetA = kernel.affine(rows(wa, 2 * nA, 3 * nA), part(ba, 2 * nA, 3 * nA));
    }
  }

  private static FMatrixRMaj rows(FMatrixRMaj matrix, int from, int to) {
    return CommonOps_FDRM.extract(matrix, from, to, 0, matrix.getNumCols());
  }

  private static float[] part(float[] vector, int from, int to) {
    return vector == null ? null : Arrays.copyOfRange(vector, from, to);
  }

  @Override
  public String type() {
    return resetAfter ? "gru" : "gru (reset before the product)";
  }

  @Override
  public int inputSize() {
    return wx.getNumCols();
  }

  @Override
  public int outputSize() {
    return wa.getNumCols();
  }

  @Override
  public int stateSize() {
    return outputSize();
  }

  @Override
  public long multiplyAdds() {
    return (long) wx.getNumElements() + wa.getNumElements();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("gru " + gate + " " + g + " " + resetAfter);
    fingerprint.add(wx).add(wa).add(bx).add(ba);
  }

  @Override
  public Stepper stepper() {
    return new GruStepper();
  }

  private final class GruStepper implements Stepper {
    private final int nA = outputSize();
    private final float[] x = new float[inputSize()];
    private final float[] a = new float[nA];
    private final float[] fromX = new float[3 * nA];
    private final float[] fromA = new float[3 * nA];
    private final float[] candidate = new float[nA];

    @Override
    public void step(float[] input, int inputAt, float[] previous, float[] next, int at) {
      System.arraycopy(input, inputAt, x, 0, x.length);
      System.arraycopy(previous, at, a, 0, nA);
      ofX.apply(x, fromX);
      ofA.apply(a, fromA);
      if (resetAfter) {
        for (int i = 0; i < nA; i++) {
          float r = gate.apply(fromX[i] + fromA[i]);
          candidate[i] = g.apply(fromX[2 * nA + i] + r * fromA[2 * nA + i]);
        }
      } else {
        for (int i = 0; i < nA; i++) {
          a[i] *= gate.apply(fromX[i] + fromA[i]);
        }
        ofResetA.apply(a, candidate);
        for (int i = 0; i < nA; i++) {
          candidate[i] = g.apply(fromX[2 * nA + i] + candidate[i]);
        }
      }
      for (int i = 0; i < nA; i++) {
        float z = gate.apply(fromX[nA + i] + fromA[nA + i]);
        next[at + i] = (1 - z) * candidate[i] + z * previous[at + i];
      }
    }
  }
}
