package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.EjmlKernel;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** One step with numbers that were checked by hand. The gates and φ are the identity. */
class LstmCellTest {
  /** One unit: i = 2x, f = 3x, g = 5x + a, o = 7x, each plus its bias. */
  private static LstmCell cell(FMatrixRMaj projection, float... b) {
    return new LstmCell(
        FMatrixRMaj.wrap(4, 1, new float[] {0, 0, 1, 0}),
        FMatrixRMaj.wrap(4, 1, new float[] {2, 3, 5, 7}),
        b.length == 0 ? null : b,
        projection,
        Activation.IDENTITY,
        Activation.IDENTITY,
        new EjmlKernel());
  }

  private static float[] step(LstmCell cell, float... previous) {
    float[] next = new float[previous.length];
    cell.stepper().step(new float[] {1}, 0, previous, next, 0);
    return next;
  }

  @Test
  void keepsTheCellStateAfterTheOutput() {
    // c = 3 · 11 + 2 (5 + 4) = 51, a = 7 · 51.
    assertThat(step(cell(null), 4, 11)).containsExactly(357, 51);
  }

  @Test
  void addsTheBiasOfEachGate() {
    // i = 2.5, f = 2, g = 9.5, o = 10: c = 2 · 11 + 2.5 · 9.5, a = 10 c.
    assertThat(step(cell(null, 0.5f, -1, 0.5f, 3), 4, 11)).containsExactly(457.5f, 45.75f);
  }

  @Test
  void projectsTheOutputAndNotTheCellState() {
    LstmCell cell = cell(FMatrixRMaj.wrap(1, 1, new float[] {-2}));
    assertThat(step(cell, 4, 11)).containsExactly(-714, 51);
  }

  /** Two units are projected to one output. The recurrence uses the projected output. */
  @Test
  void projectsSeveralUnitsToFewerOutputs() {
    LstmCell cell =
        new LstmCell(
            FMatrixRMaj.wrap(8, 1, new float[] {0, 0, 0, 0, 1, 2, 0, 0}),
            FMatrixRMaj.wrap(8, 1, new float[] {1, 1, 1, 1, 0, 0, 1, 2}),
            null,
            FMatrixRMaj.wrap(1, 2, new float[] {10, 100}),
            Activation.IDENTITY,
            Activation.IDENTITY,
            new EjmlKernel());
    assertThat(cell.inputSize()).isEqualTo(1);
    assertThat(cell.outputSize()).isEqualTo(1);
    assertThat(cell.stateSize()).isEqualTo(3);
    assertThat(cell.multiplyAdds()).isEqualTo(8 * 2 + 2);
    assertThat(cell.type()).isEqualTo("lstm with a projection of 2");
    // g = [a, 2a] = [3, 6]: c = [20 + 3, 30 + 6], o = [1, 2], a = 10 · 23 + 100 · 72.
    assertThat(step(cell, 3, 20, 30)).containsExactly(7430, 23, 36);
  }

  @Test
  void knowsItsSizes() {
    assertThat(cell(null).inputSize()).isEqualTo(1);
    assertThat(cell(null).outputSize()).isEqualTo(1);
    assertThat(cell(null).stateSize()).isEqualTo(2);
    assertThat(cell(null).multiplyAdds()).isEqualTo(8);
    assertThat(cell(null).type()).isEqualTo("lstm");
  }

  // Layers share two arrays, so a cell must read and write only its own part.
  @Test
  void touchesOnlyItsPartOfTheHiddenState() {
    float[] x = {-7, 1, -7};
    float[] previous = {-7, 4, 11, -7};
    float[] next = {50, 50, 50, 50};
    cell(null).stepper().step(x, 1, previous, next, 1);
    assertThat(next).containsExactly(50, 357, 51, 50);
    assertThat(previous).containsExactly(-7, 4, 11, -7);
    assertThat(x).containsExactly(-7, 1, -7);
  }

  @Test
  void readsTheLayerBelowFromTheArrayThatItWrites() {
    float[] state = {1, 0, 0};
    cell(null).stepper().step(state, 0, new float[] {9, 4, 11}, state, 1);
    assertThat(state).containsExactly(1, 357, 51);
  }

  @Test
  void fingerprintDependsOnTheProjection() {
    Fingerprint plain = new Fingerprint();
    cell(null).addTo(plain);
    Fingerprint projected = new Fingerprint();
    cell(FMatrixRMaj.wrap(1, 1, new float[] {1})).addTo(projected);
    assertThat(projected.value()).isNotEqualTo(plain.value());
  }
}
