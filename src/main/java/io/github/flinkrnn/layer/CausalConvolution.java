package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A causal convolution over time with k taps and dilation d, the same as {@code nn.Conv1d} in
 * PyTorch with stride 1 and (k - 1) d zeros before the first token:
 *
 * <pre>
 * y&lt;t&gt; = b + Σ W[j] x&lt;t - (k - 1 - j) d&gt;, for j from 0 to k - 1
 * </pre>
 *
 * It is one product of [W[0] … W[k-1]] with the joined inputs. The state is y&lt;t&gt; followed by
 * the last (k - 1) d inputs, the oldest first.
 */
@Internal
public final class CausalConvolution implements Layer {
  /** The maximum number of floats of state. A key has so many floats. */
  public static final long MAX_STATE = 1 << 24;

  private final int in;
  private final int taps;
  private final int dilation;
  private final int kept; // (k - 1) d inputs
  private final Affine product; // [out × k in], the taps side by side

  /**
   * @param weight [out × in × k] in row-major order
   * @param taps k
   * @param dilation d, from 1
   * @param bias [out], or null for none
   */
  public CausalConvolution(
      float[] weight, int out, int in, int taps, int dilation, float[] bias, Kernel kernel) {
    this.in = in;
    this.taps = taps;
    this.dilation = dilation;
    this.kept = (taps - 1) * dilation;
    float[] joined = new float[weight.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int j = 0; j < taps; j++) {
          joined[(o * taps + j) * in + i] = weight[(o * in + i) * taps + j];
        }
      }
    }
    this.product = kernel.affine(FMatrixRMaj.wrap(out, taps * in, joined), bias);
  }

  /** The number of floats of state, without overflow. */
  public static long stateSize(int out, int in, int taps, int dilation) {
    double inputs = (taps - 1.0) * dilation * in;
    return inputs > MAX_STATE ? Long.MAX_VALUE : out + (long) inputs;
  }

  @Override
  public String type() {
    return "causal conv of " + taps + (dilation == 1 ? "" : ", dilation " + dilation);
  }

  @Override
  public int inputSize() {
    return in;
  }

  @Override
  public int outputSize() {
    return product.rows();
  }

  @Override
  public int lookBack() {
    return kept;
  }

  @Override
  public int stateSize() {
    return product.rows() + kept * in;
  }

  @Override
  public List<Affine> products() {
    return List.of(product);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("conv " + taps + " " + dilation).addSideBySide(product);
    float[] bias = new float[product.rows()];
    product.apply(new float[product.columns()], bias);
    fingerprint.add(bias);
  }

  @Override
  public Stepper stepper() {
    return new ConvolutionStepper();
  }

  private final class ConvolutionStepper implements Stepper {
    private final Room joined = new Room(taps * in);

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      float[] its = joined.of(1)[0];
      join(x, xAt, previous, next, at, its);
      product.apply(its, 0, y, yAt);
    }

    @Override
    public void stepEach(
        int count,
        float[][] x,
        int xAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      float[][] each = joined.of(count);
      for (int i = 0; i < count; i++) {
        join(x[i], xAt, previous[i], next[i], at, each[i]);
      }
      product.applyEach(count, each, 0, y, yAt);
    }

    /** Joins the inputs of the taps, and moves the kept inputs on by one. */
    private void join(float[] x, int xAt, float[] previous, float[] next, int at, float[] into) {
      int inputsAt = at + product.rows();
      for (int j = 0; j < taps - 1; j++) {
        System.arraycopy(previous, inputsAt + j * dilation * in, into, j * in, in);
      }
      System.arraycopy(x, xAt, into, (taps - 1) * in, in);
      if (kept > 0) {
        System.arraycopy(previous, inputsAt + in, next, inputsAt, (kept - 1) * in);
        System.arraycopy(x, xAt, next, inputsAt + (kept - 1) * in, in);
      }
    }
  }
}
