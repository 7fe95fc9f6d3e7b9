package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.PortableKernel;
import org.ejml.data.FMatrixRMaj;

/**
 * What computes a product until vectors are fast: the portable kernel's, with the same bits. It has
 * the weights a second time, and is dropped with the first product after that.
 */
final class Scalars {
  private static final PortableKernel KERNEL = new PortableKernel();

  private final WarmUp warmUp;
  private Affine product; // any thread may drop it; whoever still sees it computes the same

  private Scalars(WarmUp warmUp, Affine product) {
    this.warmUp = warmUp;
    this.product = product;
  }

  /**
   * @param weights of the product; its start is given with each call
   */
  static Scalars of(FMatrixRMaj weights, WarmUp warmUp) {
    return new Scalars(warmUp, warmUp.isOver() ? null : KERNEL.affine(weights, null));
  }

  /** What is to compute in place of vectors; null once they are fast. */
  Affine atFirst() {
    Affine scalars = product;
    if (scalars != null && warmUp.isOver()) {
      product = null;
      return null;
    }
    return scalars;
  }
}
