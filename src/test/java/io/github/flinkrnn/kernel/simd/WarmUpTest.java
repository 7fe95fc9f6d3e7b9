package io.github.flinkrnn.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.PortableKernel;
import io.github.flinkrnn.kernel.WeightForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void goesFromScalarsToVectorsWithTheSameBits(WeightForm form) {
    SimdKernel kernel = new SimdKernel(true);
    float[] x = numbers(COLUMNS);
    List<Product> products = new ArrayList<>();
    for (int rows : ROWS) {
      FMatrixRMaj weights = FMatrixRMaj.wrap(rows, COLUMNS, numbers(rows * COLUMNS));
      for (int i = 0; form != WeightForm.FLOAT32 && i < weights.data.length; i++) {
        weights.data[i] = Math.round(weights.data[i] * 8); // which every form holds
      }
      float[] bias = numbers(rows);
      float[] expected = new float[rows];
      new PortableKernel().affine(weights, bias).apply(x, expected);
      products.add(new Product(kernel.affine(weights, bias, form), expected));
    }
    float[] tanh = new float[COLUMNS];
    new PortableKernel().tanh(x, 0, tanh, 0, COLUMNS);

    boolean beganWithVectors = kernel.computesWithVectors(form);
    boolean vectors = false;
    while (!vectors) {
      vectors = kernel.computesWithVectors(form); // once more after the change
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
    for (WeightForm form : WeightForm.values()) {
      assertThat(new SimdKernel().computesWithVectors(form)).isTrue();
    }
  }
}
