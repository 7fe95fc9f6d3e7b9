package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.kernel.EjmlKernel;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One GRU cell: by hand for the place of the reset, and by the documented equations in every size.
 */
class GruCellTest {
  private static final FMatrixRMaj NO_INPUT = new FMatrixRMaj(3, 1);

  /** One unit with identity gates: r = a / 2, z = a / 4, and 3 in the product of c. */
  private static GruCell byHand(boolean resetAfter, float... ba) {
    FMatrixRMaj wa = FMatrixRMaj.wrap(3, 1, new float[] {0.5f, 0.25f, 3});
    return new GruCell(
        NO_INPUT,
        wa,
        null,
        ba.length == 0 ? null : ba,
        Activation.IDENTITY,
        Activation.IDENTITY,
        resetAfter,
        new EjmlKernel());
  }

  // With a = 2 and a bias of 1, r = 2 and z = 0.5.
  @Test
  void resetsAfterTheProductWithItsBias() {
    float[] next = new float[1];
    byHand(true, 1, 0, 10).stepper().step(new float[1], 0, new float[] {2}, next, 0);
    // r = 2, c = 2 (3 · 2 + 10) = 32, a = 0.5 · 32 + 0.5 · 2.
    assertThat(next).containsExactly(17);
  }

  @Test
  void resetsBeforeTheProductWithoutItsBias() {
    float[] next = new float[1];
    byHand(false, 1, 0, 10).stepper().step(new float[1], 0, new float[] {2}, next, 0);
    // r = 2, c = 3 (2 · 2) + 10 = 22, a = 0.5 · 22 + 0.5 · 2.
    assertThat(next).containsExactly(12);
  }

  @Test
  void needsNoBias() {
    float[] next = new float[1];
    byHand(false).stepper().step(new float[1], 0, new float[] {2}, next, 0);
    // r = 1, c = 3 (1 · 2) = 6, a = 0.5 · 6 + 0.5 · 2.
    assertThat(next).containsExactly(4);
  }

  @ParameterizedTest
  @CsvSource({
    "1,   1,   true",
    "1,   100, false",
    "13,  100, true",
    "65,  100, true",
    "65,  65,  false",
    "257, 100, true",
    "257, 1,   false"
  })
  void agreesWithTheDocumentedEquationsForBothResets(int n, int nX, boolean bias) {
    DocumentedWeights weights = new DocumentedWeights(3, n, nX, n, bias, 73);
    for (boolean resetAfter : new boolean[] {true, false}) {
      GruCell cell =
          new GruCell(
              weights.ih(),
              weights.hh(),
              weights.bih(),
              weights.bhh(),
              Activation.SIGMOID,
              Activation.TANH,
              resetAfter,
              new EjmlKernel());
      Layer.Stepper stepper = cell.stepper();
      Random random = new Random(79);
      float[] a = new float[n];
      double[] expected = new double[n];
      for (int t = 1; t <= 30; t++) {
        float[] x = DocumentedWeights.gaussian(random, nX);
        float[] next = new float[n];
        stepper.step(x, 0, a, next, 0);
        a = next;
        expected = weights.documented().gru(DocumentedWeights.doubles(x), expected, resetAfter);
        assertThat(DocumentedWeights.doubles(a))
            .as("t=%d resetAfter=%s", t, resetAfter)
            .containsExactly(expected, within(2e-5));
      }
    }
  }

  // Layers share two arrays, so a cell must read and write only its own part.
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void touchesOnlyItsPartOfTheHiddenState(boolean resetAfter) {
    float[] previous = {-7, 2, -7};
    float[] next = {50, 50, 50};
    float[] x = {0};
    byHand(resetAfter, 1, 0, 10).stepper().step(x, 0, previous, next, 1);
    assertThat(next).containsExactly(50, resetAfter ? 17 : 12, 50);
    assertThat(previous).containsExactly(-7, 2, -7);
    assertThat(x).containsExactly(0);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void keepsNothingBetweenTwoSequences(boolean resetAfter) {
    Layer.Stepper stepper = byHand(resetAfter, 1, 0, 10).stepper();
    float[] first = new float[1];
    stepper.step(new float[1], 0, new float[] {2}, first, 0);
    stepper.step(new float[1], 0, new float[] {-91}, new float[1], 0);
    float[] again = new float[1];
    stepper.step(new float[1], 0, new float[] {2}, again, 0);
    assertThat(again).containsExactly(first);
  }

  @Test
  void fingerprintDependsOnTheReset() {
    Fingerprint before = new Fingerprint();
    byHand(false, 1, 0, 10).addTo(before);
    Fingerprint after = new Fingerprint();
    byHand(true, 1, 0, 10).addTo(after);
    assertThat(before.value()).isNotEqualTo(after.value());
  }

  @Test
  void knowsItsSizes() {
    DocumentedWeights weights = new DocumentedWeights(3, 4, 5, 4, false, 1);
    GruCell cell =
        new GruCell(
            weights.ih(),
            weights.hh(),
            null,
            null,
            Activation.SIGMOID,
            Activation.TANH,
            true,
            new EjmlKernel());
    assertThat(cell.inputSize()).isEqualTo(5);
    assertThat(cell.outputSize()).isEqualTo(4);
    assertThat(cell.stateSize()).isEqualTo(4);
    assertThat(cell.multiplyAdds()).isEqualTo(3 * 4 * (4 + 5));
    assertThat(Arrays.asList(cell.type(), byHand(false).type()))
        .containsExactly("gru", "gru (reset before the product)");
  }
}
