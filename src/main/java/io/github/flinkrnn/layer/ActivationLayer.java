package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Kernel;
import java.util.Locale;
import org.apache.flink.annotation.Internal;

/** y = g(x), number by number. */
@Internal
public final class ActivationLayer implements Layer {
  private final Activation g;
  private final int size;
  private final Kernel kernel;

  /**
   * @param size n, of x and y
   */
  public ActivationLayer(Activation g, int size, Kernel kernel) {
    this.g = g;
    this.size = size;
    this.kernel = kernel;
  }

  @Override
  public String type() {
    return g.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int inputSize() {
    return size;
  }

  @Override
  public long multiplyAdds() {
    return 0;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("activation " + g.name()).add(size);
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> g.apply(kernel, x, xAt, y, yAt, size);
  }
}
