package io.github.flinkrnn.kernel;

import static io.github.flinkrnn.kernel.WeightForm.BFLOAT16;
import static io.github.flinkrnn.kernel.WeightForm.FLOAT16;
import static io.github.flinkrnn.kernel.WeightForm.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forms of weights, and which of them a matrix gets. */
class WeightFormTest {
  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "FLOAT16"})
  void everyNumberOfAFormIsHeldExactly(WeightForm form) {
    for (int code = 0; code < 1 << 16; code++) {
      float weight = form.weight(code);
      boolean isZero = weight == 0;
      if (Float.isFinite(weight) && (form == BFLOAT16 || isZero || Math.abs(weight) >= 0x1p-24f)) {
        assertThat(form.holds(weight)).as("%04x", code).isTrue();
        assertThat(Float.floatToRawIntBits(form.weight(form.code(weight))))
            .as("%04x", code)
            .isEqualTo(Float.floatToRawIntBits(weight));
      }
    }
  }

  /** Every half in IEEE 754's format below 128, subnormal or not, and both zeros. */
  @Test
  void float16HoldsHalvesBelow128() {
    for (int exponent = -14; exponent <= 15; exponent++) {
      for (int fraction = 0; fraction < 1024; fraction++) {
        float normal = Math.scalb(1024 + fraction, exponent - 10);
        assertThat(FLOAT16.holds(normal)).as("%a", normal).isEqualTo(normal < 128);
        assertThat(FLOAT16.holds(-normal)).as("%a", -normal).isEqualTo(normal < 128);
      }
    }
    for (int fraction = 0; fraction < 1024; fraction++) {
      float subnormal = fraction * 0x1p-24f;
      assertThat(FLOAT16.holds(subnormal)).as("%a", subnormal).isTrue();
      assertThat(FLOAT16.weight(FLOAT16.code(-subnormal))).isEqualTo(-subnormal);
    }
  }

  @Test
  void otherNumbersAreNotHeld() {
    for (float weight : new float[] {1 + 0x1p-8f, 0.1f, Float.MIN_VALUE, 0x1p-127f + 0x1p-149f}) {
      assertThat(BFLOAT16.holds(weight)).as("%a", weight).isFalse();
    }
    assertThat(BFLOAT16.holds(0x1p-133f)).isTrue(); // the smallest subnormal number of BF16
    float[] none = {1 + 0x1p-11f, 0.1f, 128, 0x1p-25f, 0x1p-133f, Float.NaN, 1 / 0f};
    for (float weight : none) {
      assertThat(FLOAT16.holds(weight)).as("%a", weight).isFalse();
    }
  }

  @Test
  void aMatrixIsKeptIn16BitsOnlyIfEachWeightFits() {
    FMatrixRMaj matrix = new FMatrixRMaj(64, 8192);
    assertThat(WeightForm.of(matrix)).isEqualTo(BFLOAT16);
    matrix.data[70] = 1 + 0x1p-7f;
    assertThat(WeightForm.of(matrix)).isEqualTo(BFLOAT16);
    matrix.data[70] = 1 + 0x1p-10f;
    assertThat(WeightForm.of(matrix)).isEqualTo(FLOAT16);
    matrix.data[9] = 0x1p-60f; // the form BFLOAT16 would hold this one
    assertThat(WeightForm.of(matrix)).isEqualTo(FLOAT32);
    matrix.data[9] = 1 + 0x1p-11f;
    assertThat(WeightForm.of(matrix)).isEqualTo(FLOAT32);
  }

  @Test
  void fewHalvesAreKeptAsFloats() {
    FMatrixRMaj matrix = new FMatrixRMaj(64, 8191);
    matrix.data[70] = 1 + 0x1p-10f;
    assertThat(WeightForm.of(matrix)).isEqualTo(FLOAT32);
  }

  @Test
  void vectorsKeepManyRowsIn16Bits() {
    FMatrixRMaj matrix = new FMatrixRMaj(64, 5);
    assertThat(Kernel.best().affine(matrix, null).form()).isEqualTo(BFLOAT16);
    assertThat(Kernel.best().affine(matrix, null).bytes()).isEqualTo(2 * 64 * 5);
    assertThat(new PortableKernel().affine(matrix, null).form()).isEqualTo(FLOAT32);
    assertThat(new PortableKernel().affine(matrix, null).bytes()).isEqualTo(4 * 64 * 5);
    matrix.data[70] = 0.1f;
    assertThat(Kernel.best().affine(matrix, null).form()).isEqualTo(FLOAT32);
    assertThat(Kernel.best().affine(matrix, null).bytes()).isEqualTo(4 * 64 * 5);
    assertThat(Kernel.best().affine(new FMatrixRMaj(63, 5), null).form()).isEqualTo(FLOAT32);
  }
}
