package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.PortableKernel;
import org.ejml.data.FMatrixRMaj;

/**
 * Computes a product with the portable kernel until vectors are fast, with the same bits. It holds
 * a second copy of the weights, and is dropped at the first product after the warm-up.
 */
final class Scalars {
  private static final PortableKernel KERNEL = new PortableKernel();

  private final WarmUp warmUp;
  private Affine
      product; // any thread may drop it; a thread that still sees it computes the same bits

  private Scalars(WarmUp warmUp, Affine product) {
    this.warmUp = warmUp;
    this.product = product;
  }

  /**
   * @param weights the weights of the product; its start is passed with each call
   */
  static Scalars of(FMatrixRMaj weights, WarmUp warmUp) {
    return new Scalars(warmUp, warmUp.isOver() ? null : KERNEL.affine(weights, null));
  }

  /** The product to use instead of vectors; null once vectors are fast. */
  Affine atFirst() {
    Affine scalars = product;
    if (scalars != null && warmUp.isOver()) {
      product = null;
      return null;
    }
    return scalars;
  }
}
