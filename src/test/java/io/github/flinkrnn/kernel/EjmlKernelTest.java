package io.github.flinkrnn.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel equals the plain float loop bit for bit, so a replay computes the same state. */
class EjmlKernelTest {
  private static final int[] SIZES = {1, 13, 63, 64, 65, 207};

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isThePlainLoopBitForBit(boolean withBias) {
    Random random = new Random(7);
    for (int rows : SIZES) {
      for (int columns : SIZES) {
        FMatrixRMaj w = FMatrixRMaj.wrap(rows, columns, random(random, rows * columns));
        float[] b = withBias ? random(random, rows) : null;
        float[] x = random(random, columns);
        Affine affine = new EjmlKernel().affine(w, b);
        float[] y = new float[rows];
        affine.apply(x, y);
        assertThat(bits(y)).as("%d × %d", rows, columns).isEqualTo(bits(loop(w, b, x)));

        float[] again = random(random, rows); // the previous content of y must not matter
        affine.apply(x, again);
        assertThat(bits(again)).as("%d × %d again", rows, columns).isEqualTo(bits(y));
      }
    }
  }

  // y = W x + b, each row from left to right.
  private static float[] loop(FMatrixRMaj w, float[] b, float[] x) {
    float[] y = new float[w.numRows];
    for (int row = 0; row < y.length; row++) {
      float sum = 0;
      for (int column = 0; column < w.numCols; column++) {
        sum += w.get(row, column) * x[column];
      }
      y[row] = b == null ? sum : sum + b[row];
    }
    return y;
  }

  @Test
  void givesTheSameBitsOverManyCalls() {
    Random random = new Random(11);
    FMatrixRMaj w = FMatrixRMaj.wrap(65, 207, random(random, 65 * 207));
    Affine affine = new EjmlKernel().affine(w, random(random, 65));
    float[] x = random(random, 207);
    float[] first = new float[65];
    affine.apply(x, first);
    // Enough calls for the JIT compiler to replace the code.
    for (int call = 0; call < 20_000; call++) {
      float[] y = new float[65];
      affine.apply(x, y);
      if (!Arrays.equals(y, first)) {
        assertThat(y).as("call %d", call).isEqualTo(first);
      }
    }
  }

  @Test
  void readsAndWritesOnlyWithinTheShapes() {
    FMatrixRMaj w = FMatrixRMaj.wrap(2, 3, new float[] {1, 2, 3, 4, 5, 6});
    Affine affine = new EjmlKernel().affine(w, new float[] {10, 20});
    float[] x = {1, 1, 1, Float.NaN};
    float[] y = {0, 0, 77};
    affine.apply(x, y);
    assertThat(y).containsExactly(16, 35, 77);
    assertThat(x).containsExactly(1, 1, 1, Float.NaN);
    assertThat(affine.rows()).isEqualTo(2);
    assertThat(affine.columns()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 'expected a bias of 2 numbers, found 1'",
    "3, 'expected a bias of 2 numbers, found 3'"
  })
  void rejectsABiasOfAnotherLength(int length, String message) {
    FMatrixRMaj w = new FMatrixRMaj(2, 2);
    assertThatThrownBy(() -> new EjmlKernel().affine(w, new float[length]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static float[] random(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static int[] bits(float[] numbers) {
    int[] bits = new int[numbers.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(numbers[i]);
    }
    return bits;
  }
}
