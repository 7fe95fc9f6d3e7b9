package io.github.flinkrnn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The SIMD kernel and the portable kernel give the bits that the interface defines, for awkward
 * sizes.
 */
class KernelBitsTest {
  private static final int[] SIZES = {1, 2, 3, 8, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 207, 702};
  private static final Kernel PORTABLE = new PortableKernel();
  private static final float AROUND = 77; // the value around the part that a product may write

  private final Random random = new Random(20261124);

  private float[] numbers(int length, float scale) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian() * scale;
    }
    return numbers;
  }

  @Test
  void thisJvmHasVectors() {
    assertThat(Kernel.best().name()).matches("simd-(128|256|512)");
  }

  @Test
  void productsOfManyRowsHaveSeveralBlocksByVectors() {
    Affine affine = Kernel.best().affine(new FMatrixRMaj(702, 3), null);

    assertThat(affine.blocks()).isGreaterThan(10);
    assertThat(PORTABLE.affine(new FMatrixRMaj(702, 3), null).blocks()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 207, 702})
  void productsHaveTheDefinedBits(int rows) {
    for (int columns : SIZES) {
      FMatrixRMaj matrix = FMatrixRMaj.wrap(rows, columns, numbers(rows * columns, 1));
      matrix.data[random.nextInt(matrix.data.length)] = -0f;
      matrix.data[random.nextInt(matrix.data.length)] = Float.MIN_VALUE;
      float[] bias = columns % 3 == 0 ? null : numbers(rows, 1);
      float[] x = numbers(columns + 5, columns % 2 == 0 ? 1 : 1e19f);
      float[] start = numbers(rows + 3, 1);
      String sizes = rows + " x " + columns;
      float[] expected = defined(matrix, bias, 0, x, 5);
      for (Kernel kernel : new Kernel[] {PORTABLE, Kernel.best()}) {
        Affine affine = kernel.affine(matrix, bias);
        float[] y = filled(rows + 9);
        affine.apply(x, 5, y, 4);
        assertBits(sizes + " " + kernel.name(), y, expected);
        Arrays.fill(y, AROUND);
        affine.applyFrom(start, 3, x, 5, y, 4);
        assertBits(sizes + " from a start " + kernel.name(), y, defined(matrix, start, 3, x, 5));
        Arrays.fill(y, AROUND);
        int blocks = affine.blocks();
        for (int block = blocks - 1; block >= 0; block--) {
          affine.applyBlock(block, blocks, x, 5, y, 4);
        }
        assertBits(sizes + " block by block " + kernel.name(), y, expected);
        Arrays.fill(y, AROUND);
        for (int block = blocks - 1; block >= 0; block--) {
          affine.applyBlockFrom(block, blocks, start, 3, x, 5, y, 4);
        }
        assertBits(sizes + " blocks from " + kernel.name(), y, defined(matrix, start, 3, x, 5));
        int column = random.nextInt(columns);
        float[] one = new float[columns];
        one[column] = 1;
        Arrays.fill(y, AROUND);
        affine.applyOneHot(column, y, 4);
        assertBits(sizes + " column " + kernel.name(), y, defined(matrix, bias, 0, one, 0));
        float[] weights = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
          affine.row(row, weights, row * columns);
        }
        assertThat(Arrays.equals(weights, matrix.data)).as(sizes + " rows").isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 207, 702})
  void productsOfSeveralHaveTheBitsOfOne(int rows) {
    for (int columns : SIZES) {
      FMatrixRMaj matrix = FMatrixRMaj.wrap(rows, columns, numbers(rows * columns, 1));
      float[] bias = columns % 3 == 0 ? null : numbers(rows, 1);
      for (int count : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 9}) {
        float[][] x = new float[count][];
        float[][] start = new float[count][];
        for (int i = 0; i < count; i++) {
          // A sequence that begins shares its state with others.
          x[i] = i == 3 ? x[1] : numbers(columns + 5, i == 2 ? 1e19f : 1);
          start[i] = numbers(rows + 3, 1);
        }
        for (Kernel kernel : new Kernel[] {PORTABLE, Kernel.best()}) {
          String what = count + " of " + rows + " x " + columns + " " + kernel.name();
          Affine affine = kernel.affine(matrix, bias);
          float[][] y = new float[count][];
          Arrays.setAll(y, i -> filled(rows + 9));
          affine.applyEach(count, x, 5, y, 4);
          for (int i = 0; i < count; i++) {
            assertBits(what, y[i], defined(matrix, bias, 0, x[i], 5));
            Arrays.fill(y[i], AROUND);
          }
          affine.applyEachFrom(count, start, 3, x, 5, y, 4);
          for (int i = 0; i < count; i++) {
            assertBits(what + " from a start", y[i], defined(matrix, start[i], 3, x[i], 5));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 207, 702})
  void sumsHaveTheDefinedBits(int length) {
    for (int terms = 0; terms < 9; terms++) {
      float[] start = numbers(length, 1);
      float[] x = numbers(terms % 3, terms == 5 ? 1e38f : 1);
      float[] columns = numbers(x.length * length, 1);
      float[][] rows = new float[terms / 3][];
      int[] rowAt = new int[rows.length];
      Arrays.setAll(rows, k -> numbers(3 * length, 1));
      Arrays.setAll(rowAt, k -> random.nextInt(2 * length + 1));
      float[] expected = new float[length];
      for (int i = 0; i < length; i++) {
        expected[i] = start[i];
        for (int k = 0; k < x.length; k++) {
          expected[i] = Math.fma(columns[k * length + i], x[k], expected[i]);
        }
        for (int k = 0; k < rows.length; k++) {
          expected[i] += rows[k][rowAt[k] + i];
        }
      }
      for (Kernel kernel : new Kernel[] {PORTABLE, Kernel.best()}) {
        float[] y = filled(length);
        kernel.sum(start, columns, x, rows, rowAt, y);
        assertThat(bits(y)).as(kernel.name()).isEqualTo(bits(expected));
        float[] same = start.clone();
        kernel.sum(same, columns, x, rows, rowAt, same);
        assertThat(bits(same)).as("in place, " + kernel.name()).isEqualTo(bits(expected));
      }
    }
  }

  private static float[] filled(int length) {
    float[] y = new float[length];
    Arrays.fill(y, AROUND);
    return y;
  }

  /** The order in the Javadoc of Affine, taken literally. */
  private static float[] defined(FMatrixRMaj w, float[] start, int startAt, float[] x, int xAt) {
    int strands = w.numRows >= 64 ? 2 : 4;
    int width = w.numCols / strands;
    float[] y = new float[w.numRows];
    for (int row = 0; row < y.length; row++) {
      float[] t = new float[strands];
      t[0] = start == null ? 0 : start[startAt + row] + 0f;
      for (int strand = 0; strand < strands; strand++) {
        for (int column = strand * width; column < (strand + 1) * width; column++) {
          t[strand] = Math.fma(w.get(row, column), x[xAt + column], t[strand]);
        }
      }
      float sum = strands == 2 ? t[0] + t[1] : (t[0] + t[1]) + (t[2] + t[3]);
      for (int column = strands * width; column < w.numCols; column++) {
        sum = Math.fma(w.get(row, column), x[xAt + column], sum);
      }
      y[row] = sum;
    }
    return y;
  }

  private static void assertBits(String what, float[] y, float[] expected) {
    float[] whole = filled(y.length);
    System.arraycopy(expected, 0, whole, 4, expected.length);
    assertThat(bits(y)).as(what).isEqualTo(bits(whole));
  }

  @Test
  void overflowsAreTheSameInAllKernels() {
    FMatrixRMaj matrix = FMatrixRMaj.wrap(65, 13, numbers(65 * 13, 3e38f));
    float[] x = numbers(13, 10);
    float[] y = new float[65];
    float[] other = new float[65];
    PORTABLE.affine(matrix, null).apply(x, y);
    Kernel.best().affine(matrix, null).apply(x, other);
    assertThat(bits(other)).isEqualTo(bits(y));
    assertThat(Kernel.best().isFinite(other, 0, 65)).isFalse();
  }

  /** All bit patterns, in steps. Every NaN counts as equal, whatever its payload. */
  @Test
  void curvesHaveTheBitsOfTheScalarFormulas() {
    int step = 1009;
    int block = 1037; // not a multiple of any vector length
    float[] z = new float[block];
    float[] y = new float[block];
    for (long first = Integer.MIN_VALUE; first <= Integer.MAX_VALUE; first += (long) step * block) {
      for (int i = 0; i < block; i++) {
        z[i] = Float.intBitsToFloat((int) (first + (long) i * step));
      }
      Kernel.best().tanh(z, 0, y, 0, block);
      for (int i = 0; i < block; i++) {
        same(y[i], FloatMath.tanh(z[i]), z[i]);
      }
      Kernel.best().sigmoid(z, 0, y, 0, block);
      for (int i = 0; i < block; i++) {
        same(y[i], FloatMath.sigmoid(z[i]), z[i]);
      }
      Kernel.best().exp(z, 0, y, 0, block);
      for (int i = 0; i < block; i++) {
        same(y[i], FloatMath.exp(z[i]), z[i]);
      }
    }
  }

  private static void same(float found, float expected, float z) {
    if (Float.floatToIntBits(found) != Float.floatToIntBits(expected)) {
      throw new AssertionError("of " + z + ": " + found + ", expected " + expected);
    }
  }

  @Test
  void curvesOfShortArraysWriteNothingElse() {
    for (int length : SIZES) {
      float[] z = numbers(length + 3, 5);
      for (Kernel kernel : new Kernel[] {PORTABLE, Kernel.best()}) {
        float[] y = filled(length + 7);
        kernel.tanh(z, 3, y, 2, length);
        for (int i = 0; i < y.length; i++) {
          boolean inside = i >= 2 && i < length + 2;
          same(y[i], inside ? FloatMath.tanh(z[i + 1]) : AROUND, i);
        }
      }
    }
  }

  @Test
  void findsNumbersThatAreNotFinite() {
    for (int length : SIZES) {
      float[] numbers = numbers(length + 4, 1e37f);
      numbers[0] = Float.NaN;
      numbers[length + 3] = Float.POSITIVE_INFINITY;
      for (Kernel kernel : new Kernel[] {PORTABLE, Kernel.best()}) {
        assertThat(kernel.isFinite(numbers, 2, length)).isTrue();
        for (int at : new int[] {0, length / 2, length - 1}) {
          for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            float good = numbers[2 + at];
            numbers[2 + at] = bad;
            assertThat(kernel.isFinite(numbers, 2, length)).as("%d of %d", at, length).isFalse();
            numbers[2 + at] = good;
          }
        }
      }
    }
  }

  private static int[] bits(float[] numbers) {
    return IntStream.range(0, numbers.length).map(i -> Float.floatToIntBits(numbers[i])).toArray();
  }
}
