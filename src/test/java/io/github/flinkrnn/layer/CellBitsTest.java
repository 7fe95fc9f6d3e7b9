package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.PortableKernel;
import io.github.flinkrnn.kernel.WeightForm;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every cell gives the same bits with and without vectors, and from x or from a precomputed input
 * product.
 */
class CellBitsTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 13", "13, 1", "63, 65", "64, 64", "65, 63", "207, 13", "702, 3"})
  void areTheSameInEveryKernel(int units, int inputs) {
    Map<String, Layer> vectors = CellSteps.cells(Kernel.best(), units, inputs);
    Map<String, Layer> portable = CellSteps.cells(new PortableKernel(), units, inputs);
    assertThat(vectors).hasSize(36).containsOnlyKeys(portable.keySet());
    vectors.forEach(
        (name, cell) -> {
          int[] expected = bits(CellSteps.steps(portable.get(name), false));
          assertThat(bits(CellSteps.steps(cell, false))).as(name).isEqualTo(expected);
          assertThat(bits(CellSteps.steps(cell, true))).as(name + " given").isEqualTo(expected);
        });
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "13, 1", "63, 65", "64, 64", "65, 63", "207, 13"})
  void areTheSameTogether(int units, int inputs) {
    CellSteps.cells(Kernel.best(), units, inputs)
        .forEach(
            (name, cell) -> {
              float[][] expected = CellSteps.separate(cell, 7);
              for (int count : new int[] {1, 2, 3, 4, 7}) {
                float[][] found = CellSteps.together(cell, false, count);
                float[][] given = CellSteps.together(cell, true, count);
                for (int s = 0; s < count; s++) {
                  String what = name + ", sequence " + s + " of " + count;
                  assertThat(bits(found[s])).as(what).isEqualTo(bits(expected[s]));
                  assertThat(bits(given[s])).as(what + " given").isEqualTo(bits(expected[s]));
                }
              }
            });
  }

  @ParameterizedTest
  @CsvSource({"16, 13", "64, 64", "65, 63", "207, 13", "70, 600"})
  void areTheSameWithWeightsOf16Bits(int units, int inputs) {
    Map<String, Layer> portable = CellSteps.cells(new PortableKernel(), units, inputs, true);
    CellSteps.cells(Kernel.best(), units, inputs, true)
        .forEach(
            (name, cell) -> {
              assertThat(cell.products().stream().filter(product -> product.rows() >= 64))
                  .as(name)
                  .allMatch(product -> product.form() == WeightForm.BFLOAT16);
              int[] expected = bits(CellSteps.steps(portable.get(name), false));
              assertThat(bits(CellSteps.steps(cell, false))).as(name).isEqualTo(expected);
              float[][] separate = CellSteps.separate(portable.get(name), 9);
              for (int count : new int[] {1, 2, 3, 4, 6, 9}) {
                float[][] found = CellSteps.together(cell, false, count);
                for (int s = 0; s < count; s++) {
                  String what = name + ", sequence " + s + " of " + count;
                  assertThat(bits(found[s])).as(what).isEqualTo(bits(separate[s]));
                }
              }
            });
  }

  private static int[] bits(float[] numbers) {
    return IntStream.range(0, numbers.length).map(i -> Float.floatToIntBits(numbers[i])).toArray();
  }
}
