package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.List;
import java.util.Locale;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * The simple recurrent cell of Elman (1990):
 *
 * <pre>
 * a&lt;t&gt; = g(Waa a&lt;t-1&gt; + Wax x&lt;t&gt; + ba) = g(Wa [a&lt;t-1&gt;; x&lt;t&gt;] + ba)
 * </pre>
 *
 * where Wa = [Waa Wax] is the two matrices side by side. A step adds the columns of Wax to ba
 * first, and then the columns of Waa. PyTorch's {@code nn.RNN} computes the same with Waa =
 * weight_hh, Wax = weight_ih and ba = bias_ih + bias_hh.
 */
@Internal
public final class ElmanCell implements Layer {
  private final Activation g;
  private final float[] ba; // [n_a], or null
  private final Kernel kernel;
  private final Affine ofX; // Wax, [n_a × n_x], and ba
  private final Affine ofA; // Waa, [n_a × n_a]

  /**
   * @param waa [n_a × n_a]
   * @param wax [n_a × n_x]
   * @param ba [n_a], or null for a cell without bias
   */
  public ElmanCell(Activation g, FMatrixRMaj waa, FMatrixRMaj wax, float[] ba, Kernel kernel) {
    this.g = g;
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
  public Affine ofInput() {
    return ofX;
  }

  @Override
  public int outputSize() {
    return ofA.rows();
  }

  @Override
  public int stateSize() {
    return outputSize();
  }

  @Override
  public List<Affine> products() {
    return List.of(ofX, ofA);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("rnn " + g).addSideBySide(ofA, ofX).add(ba);
  }

  @Override
  public Stepper stepper() {
    return new ElmanStepper();
  }

  private final class ElmanStepper extends ProductStepper {
    private final int nA = outputSize();
    private final Sweep sweep = new Sweep();
    private final float[] fromX = new float[nA];
    private final float[] sum = new float[nA];
    private final Room sums = new Room(nA);

    ElmanStepper() {
      super(ofX, new Room(ofX.rows()));
    }

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      sweep.through(ofX, x, xAt, fromX, ofA, previous, at, sum);
      g.apply(kernel, sum, 0, y, yAt, nA);
    }

    @Override
    public void stepFrom(
        float[] given, int givenAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      sweep.through(ofA, given, givenAt, previous, at, sum);
      g.apply(kernel, sum, 0, y, yAt, nA);
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
      float[][] z = sums.of(count);
      ofA.applyEachFrom(count, given, givenAt, previous, at, z, 0);
      for (int i = 0; i < count; i++) {
        g.apply(kernel, z[i], 0, y[i], yAt, nA);
      }
    }

    @Override
    public void stepEachFromZero(
        int count,
        float[][] given,
        int givenAt,
        float[][] zeros,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      for (int i = 0; i < count; i++) { // Waa 0 = 0
        g.apply(kernel, given[i], givenAt, y[i], yAt, nA);
      }
    }
  }
}
