package io.github.flinkrnn.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.PortableKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The kernel begins with scalars and changes to vectors when they are fast. The bits do not change.
 */
class WarmUpTest {
  private static final int COLUMNS = 39;
  private static final int[] ROWS = {1, 8, 17, 40, 64, 207};

  private final Random random = new Random(20261124);

  private float[] numbers(int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private record Product(Affine affine, float[] expected) {}

  @Test
  @Timeout(120)
  void goesFromScalarsToVectorsWithTheSameBits() {
    SimdKernel kernel = new SimdKernel(true);
    float[] x = numbers(COLUMNS);
    List<Product> products = new ArrayList<>();
    for (int rows : ROWS) {
      FMatrixRMaj weights = FMatrixRMaj.wrap(rows, COLUMNS, numbers(rows * COLUMNS));
      float[] bias = numbers(rows);
      float[] expected = new float[rows];
      new PortableKernel().affine(weights, bias).apply(x, expected);
      products.add(new Product(kernel.affine(weights, bias), expected));
    }
    float[] tanh = new float[COLUMNS];
    new PortableKernel().tanh(x, 0, tanh, 0, COLUMNS);

    boolean beganWithVectors = kernel.computesWithVectors();
    boolean vectors = false;
    while (!vectors) {
      vectors = kernel.computesWithVectors(); // once more after the change
      for (Product product : products) {
        float[] y = new float[product.expected.length];
        product.affine.apply(x, y);
        assertThat(y).containsExactly(product.expected);
      }
      float[] y = new float[COLUMNS];
      kernel.tanh(x, 0, y, 0, COLUMNS);
      assertThat(y).containsExactly(tanh);
    }

    assertThat(beganWithVectors).isFalse();
  }

  @Test
  void aForcedKernelUsesVectorsFromTheBeginning() {
    assertThat(new SimdKernel().computesWithVectors()).isTrue();
  }
}
