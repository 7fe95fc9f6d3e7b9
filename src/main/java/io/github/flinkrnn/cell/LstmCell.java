package io.github.flinkrnn.cell;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000), with i, f and o the input, forget and output gates and c the cell state:
 *
 * <pre>
 * i    = σ(Wi [a&lt;t-1&gt;; x&lt;t&gt;] + bi)
 * f    = σ(Wf [a&lt;t-1&gt;; x&lt;t&gt;] + bf)
 * g    = φ(Wg [a&lt;t-1&gt;; x&lt;t&gt;] + bg)
 * o    = σ(Wo [a&lt;t-1&gt;; x&lt;t&gt;] + bo)
 * c&lt;t&gt; = f ∘ c&lt;t-1&gt; + i ∘ g
 * a&lt;t&gt; = o ∘ φ(c&lt;t&gt;), or Wr (o ∘ φ(c&lt;t&gt;)) with a projection (Sak et al. 2014)
 * </pre>
 *
 * PyTorch's {@code nn.LSTM} computes the same (its documentation's formulas; {@code proj_size} is
 * the projection), and so do Keras and ONNX, whose gates stand in other orders. The state of a
 * sequence is a&lt;t&gt;, then c&lt;t&gt;.
 */
public final class LstmCell implements RecurrentCell {
  private final FMatrixRMaj w; // [4 n_c × (n_a + n_x)], rows of i, f, g, o
  private final float[] b; // [4 n_c], or null
  private final FMatrixRMaj wr; // [n_a × n_c], or null, and then n_a = n_c
  private final Activation gate;
  private final Activation phi;
  private final int nC;
  private final int nA;
  private final Affine gates;
  private final Affine projection;

  /**
   * @param wa [4 n_c × n_a]: the rows of i, then those of f, of g, and of o
   * @param wx [4 n_c × n_x], in the same order
   * @param b [4 n_c], or null for none
   * @param wr [n_a × n_c], or null for no projection
   * @param gate the σ of i, f and o
   * @param phi of g and of the cell state
   */
  public LstmCell(
      FMatrixRMaj wa,
      FMatrixRMaj wx,
      float[] b,
      FMatrixRMaj wr,
      Activation gate,
      Activation phi,
      Kernel kernel) {
    this.w = CommonOps_FDRM.concatColumns(wa, wx, null);
    this.b = b;
    this.wr = wr;
    this.gate = gate;
    this.phi = phi;
    this.nC = wa.getNumRows() / 4;
    this.nA = wa.getNumCols();
    this.gates = kernel.affine(w, b);
    this.projection = wr == null ? null : kernel.affine(wr, null);
  }

  @Override
  public String type() {
    return wr == null ? "lstm" : "lstm with a projection of " + nC;
  }

  @Override
  public int inputSize() {
    return w.getNumCols() - nA;
  }

  @Override
  public int outputSize() {
    return nA;
  }

  @Override
  public int stateSize() {
    return nA + nC;
  }

  @Override
  public long multiplyAdds() {
    return (long) w.getNumElements() + (wr == null ? 0 : wr.getNumElements());
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("lstm " + gate + " " + phi).add(w).add(b);
    if (wr != null) {
      fingerprint.add(wr);
    }
  }

  @Override
  public Stepper stepper() {
    return new LstmStepper();
  }

  private final class LstmStepper implements Stepper {
    private final int nX = inputSize();
    private final float[] joined = new float[nA + nX]; // [a<t-1>; x<t>]
    private final float[] sums = new float[4 * nC];
    private final float[] out = new float[nC]; // o ∘ φ(c<t>)
    private final float[] a = new float[nA];

    @Override
    public void step(float[] x, int xAt, float[] previous, float[] next, int at) {
      System.arraycopy(previous, at, joined, 0, nA);
      System.arraycopy(x, xAt, joined, nA, nX);
      gates.apply(joined, sums);
      int cAt = at + nA;
      for (int k = 0; k < nC; k++) {
        float i = gate.apply(sums[k]);
        float f = gate.apply(sums[nC + k]);
        float g = phi.apply(sums[2 * nC + k]);
        float o = gate.apply(sums[3 * nC + k]);
        float c = f * previous[cAt + k] + i * g;
        next[cAt + k] = c;
        out[k] = o * phi.apply(c);
      }
      if (projection == null) {
        System.arraycopy(out, 0, next, at, nA);
      } else {
        projection.apply(out, a);
        System.arraycopy(a, 0, next, at, nA);
      }
    }
  }
}
