package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.Tensor;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The 16-bit formats, for every bit pattern. */
class DTypeTest {
  private static final int PATTERNS = 1 << 16;

  // The definition: (-1)^sign × 2^(exponent - 15) × 1.fraction, exact in double.
  private static double half(int bits) {
    double sign = bits >= 0x8000 ? -1 : 1;
    int exponent = bits / 1024 % 32;
    double fraction = bits % 1024 / 1024.0;
    if (exponent == 31) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, -14)
        : sign * (1 + fraction) * Math.pow(2, exponent - 15);
  }

  @Test
  void readsAllHalves() {
    int finite = 0;
    for (int bits = 0; bits < PATTERNS; bits++) {
      float read = Tensor.half((short) bits);
      double expected = half(bits);
      // Compared as bits, so that -0 differs from 0. Every NaN is equal to every other NaN.
      assertThat(Double.doubleToLongBits(read))
          .as("%04x", bits)
          .isEqualTo(Double.doubleToLongBits(expected));
      finite += Float.isFinite(read) ? 1 : 0;
    }
    assertThat(finite).isEqualTo(PATTERNS - 2 * 1024);
  }

  @Test
  void readsBrainFloatAsTheUpperHalfOfAFloat() {
    for (int bits = 0; bits < PATTERNS; bits++) {
      float read = DType.BF16.read(ByteBuffer.allocate(2).putShort(0, (short) bits));
      assertThat(Float.floatToIntBits(read))
          .as("%04x", bits)
          .isEqualTo(Float.floatToIntBits(Float.intBitsToFloat(bits << 16)));
    }
  }
}
