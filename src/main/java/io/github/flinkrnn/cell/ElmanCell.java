package io.github.flinkrnn.cell;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import java.util.Locale;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/**
 * The simple recurrent cell of Elman (1990), in the notation of the equation
 *
 * <pre>
 * a&lt;t&gt; = g(Waa a&lt;t-1&gt; + Wax x&lt;t&gt; + ba) = g(Wa [a&lt;t-1&gt;; x&lt;t&gt;] + ba)
 * </pre>
 *
 * where Wa = [Waa Wax] is the two matrices side by side, so that a step is one product. PyTorch's
 * {@code nn.RNN} computes the same with Waa = weight_hh, Wax = weight_ih and ba = bias_ih +
 * bias_hh.
 */
public final class ElmanCell implements RecurrentCell {
  private final Activation g;
  private final FMatrixRMaj wa; // [n_a × (n_a + n_x)]
  private final float[] ba; // [n_a], or null
  private final Affine product;

  /**
   * @param waa [n_a × n_a]
   * @param wax [n_a × n_x]
   * @param ba [n_a], or null for a cell without bias
   */
  public ElmanCell(Activation g, FMatrixRMaj waa, FMatrixRMaj wax, float[] ba, Kernel kernel) {
    this.g = g;
    this.wa = CommonOps_FDRM.concatColumns(waa, wax, null);
    this.ba = ba;
    this.product = kernel.affine(wa, ba);
  }

  @Override
  public String type() {
    return "rnn (" + g.name().toLowerCase(Locale.ROOT) + ")";
  }

  @Override
  public long multiplyAdds() {
    return wa.getNumElements();
  }

  @Override
  public int inputSize() {
    return wa.getNumCols() - wa.getNumRows();
  }

  @Override
  public int outputSize() {
    return wa.getNumRows();
  }

  @Override
  public int stateSize() {
    return outputSize();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("rnn " + g).add(wa).add(ba);
  }

  @Override
  public Stepper stepper() {
    int nA = outputSize();
    int nX = inputSize();
    float[] joined = new float[nA + nX]; // [a<t-1>; x<t>]
    float[] sum = new float[nA]; // Wa [a<t-1>; x<t>] + ba
    return (x, xAt, previous, next, at) -> {
      System.arraycopy(previous, at, joined, 0, nA);
      System.arraycopy(x, xAt, joined, nA, nX);
      product.apply(joined, sum);
      for (int i = 0; i < nA; i++) {
        next[at + i] = g.apply(sum[i]);
      }
    };
  }
}
