package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Log1pTest {
  /** Within two units in the last place of StrictMath, which is within one of the truth. */
  private static void assertClose(double v) {
    double expected = StrictMath.log1p(v);
    assertThat(Math.abs(Log1p.of(v) - expected))
        .as("%s", v)
        .isLessThanOrEqualTo(2 * Math.ulp(expected));
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        1e-300,
        -1e-300,
        1e-17,
        1e-8,
        -1e-8,
        0.1,
        0.414,
        0.41421356237309503,
        0.4142135623730951,
        0.5,
        1,
        2,
        3,
        1e3,
        1e8,
        1e15,
        9007199254740991.0,
        1e16,
        1e100,
        1.7976931348623157e308,
        -0.1,
        -0.29289321881345254,
        -0.2928932188134524,
        -0.3,
        -0.5,
        -0.9,
        -0.999999999999
      })
  void isCloseAtTheEdges(double v) {
    assertClose(v);
  }

  @Test
  void isCloseEverywhere() {
    Random random = new Random(117);
    for (int i = 0; i < 200_000; i++) {
      assertClose(Math.exp(40 * random.nextDouble() - 20));
      assertClose(random.nextDouble() * 2 - 1);
      assertClose(random.nextInt(100_000) / 100.0);
    }
  }

  @Test
  void isDefinedFromMinusOne() {
    assertThat(Log1p.of(0)).isZero();
    assertThat(Double.doubleToRawLongBits(Log1p.of(-0.0))).isEqualTo(1L << 63);
    assertThat(Log1p.of(-1)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Log1p.of(-1.5)).isNaN();
    assertThat(Log1p.of(Double.NaN)).isNaN();
    assertThat(Log1p.of(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Log1p.of(Double.NEGATIVE_INFINITY)).isNaN();
  }
}
