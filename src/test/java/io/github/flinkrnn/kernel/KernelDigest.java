package io.github.flinkrnn.kernel;

import io.github.flinkrnn.layer.CellSteps;
import java.util.List;
import java.util.zip.CRC32;
import org.ejml.data.FMatrixRMaj;

/**
 * A program for a separate JVM that prints the name of its kernel, and a digest of steps of every
 * cell.
 */
public final class KernelDigest {
  private KernelDigest() {}

  public static void main(String[] arguments) {
    System.out.println(Kernel.best().name() + " " + of(Kernel.best()));
  }

  static long of(Kernel kernel) {
    CRC32 digest = new CRC32();
    for (int units : List.of(1, 13, 63, 64, 65, 207)) {
      add(CellSteps.all(kernel, units, 29, false), digest);
      add(CellSteps.all(kernel, units, 29, true), digest);
    }
    addHalves(kernel, digest);
    return digest.getValue();
  }

  /** Products with enough halves that they are kept in 16 bits, of one x and of several. */
  private static void addHalves(Kernel kernel, CRC32 digest) {
    FMatrixRMaj halves = new FMatrixRMaj(702, 750);
    for (int i = 0; i < halves.data.length; i++) {
      halves.data[i] = (i * 7919 % 2047 - 1023) * (i % 5 == 0 ? 0x1p-24f : 0x1p-11f);
    }
    Affine product = kernel.affine(halves, null);
    float[][] x = new float[7][750];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < x[i].length; k++) {
        x[i][k] = (float) Math.sqrt(i + k) - 14;
      }
    }
    float[][] y = new float[x.length][702];
    product.apply(x[0], y[0]);
    add(y[0], digest);
    product.applyEach(x.length, x, 0, y, 0);
    for (float[] each : y) {
      add(each, digest);
    }
  }

  private static void add(float[] numbers, CRC32 digest) {
    for (float number : numbers) {
      int bits = Float.floatToIntBits(number);
      for (int shift = 0; shift < 32; shift += 8) {
        digest.update(bits >>> shift);
      }
    }
  }
}
