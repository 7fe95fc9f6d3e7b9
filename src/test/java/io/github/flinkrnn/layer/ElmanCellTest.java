package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.EjmlKernel;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** One step with numbers that were checked by hand. */
class ElmanCellTest {
  private static final FMatrixRMaj WAA = FMatrixRMaj.wrap(2, 2, new float[] {1, 2, 0, -1});
  private static final FMatrixRMaj WAX = FMatrixRMaj.wrap(2, 1, new float[] {10, 100});

  private static ElmanCell cell(float... ba) {
    return new ElmanCell(Activation.RELU, WAA, WAX, ba.length == 0 ? null : ba, new EjmlKernel());
  }

  @Test
  void addsStateAndInput() {
    float[] next = new float[2];
    cell(0.5f, -0.5f).stepper().step(new float[] {1}, 0, new float[] {3, 4}, next, 0);
    assertThat(next).containsExactly(3 + 8 + 10 + 0.5f, -4 + 100 - 0.5f);
  }

  @Test
  void needsNoBias() {
    float[] next = new float[2];
    cell().stepper().step(new float[] {1}, 0, new float[] {3, 4}, next, 0);
    assertThat(next).containsExactly(21, 96);
  }

  // Layers share two arrays, so a cell must read and write only its own part.
  @Test
  void touchesOnlyItsPartOfTheHiddenState() {
    float[] x = {-7, 1, -7};
    float[] previous = {-7, 3, 4, -7};
    float[] next = {50, 50, 50, 50};
    cell().stepper().step(x, 1, previous, next, 1);
    assertThat(next).containsExactly(50, 21, 96, 50);
    assertThat(previous).containsExactly(-7, 3, 4, -7);
    assertThat(x).containsExactly(-7, 1, -7);
  }

  @Test
  void readsTheLayerBelowFromTheArrayThatItWrites() {
    float[] state = {1, 0, 0};
    cell().stepper().step(state, 0, new float[] {9, 3, 4}, state, 1);
    assertThat(state).containsExactly(1, 21, 96);
  }

  @Test
  void knowsItsSizes() {
    ElmanCell cell = cell(1, 2);
    assertThat(cell.inputSize()).isEqualTo(1);
    assertThat(cell.outputSize()).isEqualTo(2);
    assertThat(cell.stateSize()).isEqualTo(2);
  }
}
