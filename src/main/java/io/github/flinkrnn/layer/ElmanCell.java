package io.github.flinkrnn.layer;

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
 * where Wa = [Waa Wax] is the two matrices side by side. A step takes the columns of Wax first,
 * from ba on, and goes on with those of Waa. PyTorch's {@code nn.RNN} computes the same with Waa =
 * weight_hh, Wax = weight_ih and ba = bias_ih + bias_hh.
 */
public final class ElmanCell implements RecurrentCell {
  private final Activation g;
  private final FMatrixRMaj wa; // [n_a × (n_a + n_x)]
  private final float[] ba; // [n_a], or null
  private final Kernel kernel;
  private final Affine ofX;
  private final Affine ofA;

  /**
   * @param waa [n_a × n_a]
   * @param wax [n_a × n_x]
   * @param ba [n_a], or null for a cell without bias
   */
  public ElmanCell(Activation g, FMatrixRMaj waa, FMatrixRMaj wax, float[] ba, Kernel kernel) {
    this.g = g;
    this.wa = CommonOps_FDRM.concatColumns(waa, wax, null);
    this.ba = ba;
    this.kernel = kernel;
    this.ofX = kernel.affine(wax, ba);
    this.ofA = kernel.affine(waa, null);
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
  public int inputSums() {
    return outputSize();
  }

  @Override
  public Stepper stepper() {
    return new ElmanStepper();
  }

  private final class ElmanStepper implements Stepper {
    private final int nA = outputSize();
    private final Sweep sweep = new Sweep();
    private final float[] fromX = new float[nA];
    private final float[] sum = new float[nA];

    @Override
    public void step(float[] x, int xAt, float[] previous, float[] next, int at) {
      sweep.through(ofX, x, xAt, fromX, ofA, previous, at, sum);
      g.apply(kernel, sum, 0, next, at, nA);
    }

    @Override
    public void inputSums(float[] x, int xAt, float[] sums, int sumsAt) {
      ofX.apply(x, xAt, sums, sumsAt);
    }

    @Override
    public void oneHotSums(int one, float[] sums, int sumsAt) {
      ofX.applyOneHot(one, sums, sumsAt);
    }

    @Override
    public void stepFrom(float[] sums, int sumsAt, float[] previous, float[] next, int at) {
      sweep.through(ofA, sums, sumsAt, previous, at, sum);
      g.apply(kernel, sum, 0, next, at, nA);
    }
  }
}
