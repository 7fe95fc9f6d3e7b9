package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.Locale;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * y&lt;t&gt; = g(W x&lt;t&gt; + b): a layer without a state, as in a head. The same as {@code
 * nn.Linear} followed by g in PyTorch, and as {@code Dense} in Keras.
 */
@Internal
public final class Linear implements Layer {
  private final float[] b; // [out], or null
  private final Activation g;
  private final Kernel kernel;
  private final Affine product; // W, [out × in], and b

  /**
   * @param w [out × in]
   * @param b [out], or null for none
   * @param g the activation; identity for none
   */
  public Linear(FMatrixRMaj w, float[] b, Activation g, Kernel kernel) {
    this.b = b;
    this.g = g;
    this.kernel = kernel;
    this.product = kernel.affine(w, b);
  }

  @Override
  public String type() {
    return g == Activation.IDENTITY
        ? "linear"
        : "linear (" + g.name().toLowerCase(Locale.ROOT) + ")";
  }

  @Override
  public Affine ofInput() {
    return product;
  }

  @Override
  public int outputSize() {
    return product.rows();
  }

  @Override
  public int stateSize() {
    return 0;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    if (g != Activation.IDENTITY) {
      fingerprint.add(g.name());
    }
    fingerprint.addSideBySide(product).add(b);
  }

  @Override
  public Stepper stepper() {
    return new LinearStepper();
  }

  private final class LinearStepper implements Stepper {
    private final int n = outputSize();
    private final float[] sums = g == Activation.IDENTITY ? null : new float[n];
    private final Room sumsOfEach = new Room(n);

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      if (sums == null) {
        product.apply(x, xAt, y, yAt);
      } else {
        product.apply(x, xAt, sums, 0);
        g.apply(kernel, sums, 0, y, yAt, n);
      }
    }

    @Override
    public void stepFrom(
        float[] given, int givenAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      g.apply(kernel, given, givenAt, y, yAt, n);
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
      if (sums == null) {
        product.applyEach(count, x, xAt, y, yAt);
        return;
      }
      float[][] z = sumsOfEach.of(count);
      product.applyEach(count, x, xAt, z, 0);
      stepEachFrom(count, z, 0, previous, next, at, y, yAt);
    }
  }
}
