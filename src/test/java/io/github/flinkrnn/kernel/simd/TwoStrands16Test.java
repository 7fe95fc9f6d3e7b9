package io.github.flinkrnn.kernel.simd;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.WeightForm;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with weights of 16 bits have the bits of products with the same weights as floats. */
class TwoStrands16Test {
  // 128 columns of a strand are widened at a time.
  private static final int[] COLUMNS = {1, 2, 3, 17, 64, 255, 256, 258, 515};
  private static final float AROUND = 77; // the value around the part that a product may write

  private final SimdKernel kernel = new SimdKernel();
  private final Random random = new Random(20261126);

  private float[] numbers(int length, float scale) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian() * scale;
    }
    return numbers;
  }

  /** Weights that the form holds, with both zeros, and numbers that are subnormal in their file. */
  private FMatrixRMaj matrix(int rows, int columns, WeightForm form) {
    float[] weights = numbers(rows * columns, 1);
    int mask = form == WeightForm.BFLOAT16 ? 0xffff0000 : 0xffffe000;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Float.intBitsToFloat(Float.floatToRawIntBits(weights[i]) & mask);
      if (form == WeightForm.FLOAT16 && Math.abs(weights[i]) < 0x1p-14f) {
        weights[i] = Math.round(weights[i] * 0x1p24f) * 0x1p-24f;
      }
    }
    float subnormal = form == WeightForm.BFLOAT16 ? 0x1p-133f : 0x1p-24f;
    for (float special : new float[] {0, -0f, subnormal, -3 * subnormal}) {
      weights[random.nextInt(weights.length)] = special;
    }
    return FMatrixRMaj.wrap(rows, columns, weights);
  }

  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, 64",
    "BFLOAT16, 65",
    "BFLOAT16, 207",
    "FLOAT16, 64",
    "FLOAT16, 65",
    "FLOAT16, 207"
  })
  void singleProductsHaveTheBitsOfFloats(WeightForm form, int rows) {
    for (int columns : COLUMNS) {
      FMatrixRMaj matrix = matrix(rows, columns, form);
      float[] bias = columns % 3 == 0 ? null : numbers(rows, 1);
      Affine floats = kernel.affine(matrix, bias, WeightForm.FLOAT32);
      Affine narrow = kernel.affine(matrix, bias, form);
      String sizes = rows + " x " + columns;
      assertThat(narrow.form()).isEqualTo(form);
      assertThat(narrow.bytes()).as(sizes).isEqualTo(floats.bytes() / 2);
      assertThat(narrow.blocks()).as(sizes).isEqualTo(floats.blocks());
      float[] x = numbers(columns + 5, columns % 2 == 0 ? 1 : 1e19f);
      float[] start = numbers(rows + 3, 1);

      float[] expected = filled(rows + 9);
      float[] found = filled(rows + 9);
      floats.apply(x, 5, expected, 4);
      narrow.apply(x, 5, found, 4);
      same(sizes, found, expected);

      floats.applyFrom(start, 3, x, 5, expected, 4);
      narrow.applyFrom(start, 3, x, 5, found, 4);
      same(sizes + " from a start", found, expected);

      Arrays.fill(found, AROUND);
      int blocks = narrow.blocks();
      for (int block = blocks - 1; block >= 0; block--) {
        narrow.applyBlockFrom(block, blocks, start, 3, x, 5, found, 4);
      }
      same(sizes + " block by block", found, expected);

      int column = random.nextInt(columns);
      floats.applyOneHot(column, expected, 4);
      narrow.applyOneHot(column, found, 4);
      same(sizes + " column", found, expected);

      float[] weights = new float[rows * columns];
      for (int row = 0; row < rows; row++) {
        narrow.row(row, weights, row * columns);
      }
      same(sizes + " rows", weights, matrix.data);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, 64",
    "BFLOAT16, 65",
    "BFLOAT16, 207",
    "FLOAT16, 64",
    "FLOAT16, 65",
    "FLOAT16, 207"
  })
  void productsOfSeveralHaveTheBitsOfFloats(WeightForm form, int rows) {
    for (int columns : COLUMNS) {
      FMatrixRMaj matrix = matrix(rows, columns, form);
      float[] bias = columns % 3 == 0 ? null : numbers(rows, 1);
      Affine floats = kernel.affine(matrix, bias, WeightForm.FLOAT32);
      Affine narrow = kernel.affine(matrix, bias, form);
      for (int count : new int[] {0, 1, 2, 3, 4, 6, 7, 9}) {
        float[][] x = new float[count][];
        float[][] start = new float[count][];
        for (int i = 0; i < count; i++) {
          x[i] = i == 3 ? x[1] : numbers(columns + 5, i == 2 ? 1e19f : 1);
          start[i] = numbers(rows + 3, 1);
        }
        float[][] expected = new float[count][];
        float[][] found = new float[count][];
        Arrays.setAll(expected, i -> filled(rows + 9));
        Arrays.setAll(found, i -> filled(rows + 9));
        String what = count + " of " + rows + " x " + columns;
        floats.applyEach(count, x, 5, expected, 4);
        narrow.applyEach(count, x, 5, found, 4);
        for (int i = 0; i < count; i++) {
          same(what, found[i], expected[i]);
        }
        floats.applyEachFrom(count, start, 3, x, 5, expected, 4);
        narrow.applyEachFrom(count, start, 3, x, 5, found, 4);
        for (int i = 0; i < count; i++) {
          same(what + " from a start", found[i], expected[i]);
        }
      }
    }
  }

  private static float[] filled(int length) {
    float[] y = new float[length];
    Arrays.fill(y, AROUND);
    return y;
  }

  /** Compares bits; every NaN counts as equal, whatever its payload. */
  private static void same(String what, float[] found, float[] expected) {
    assertThat(found).as(what).containsExactly(expected);
  }
}
