package io.github.flinkrnn.kernel;

import org.ejml.data.FMatrixRMaj;

/** A way to multiply a matrix with a vector; packs the weights once for the way it reads them. */
public interface Kernel {
  /** How metrics and descriptions name it. */
  String name();

  /**
   * @param weights W, [rows × columns]; not changed afterwards by anyone
   * @param bias b, [rows], or null for none
   */
  Affine affine(FMatrixRMaj weights, float[] bias);

  /** The kernel of this JVM. */
  static Kernel best() {
    return new EjmlKernel();
  }
}
