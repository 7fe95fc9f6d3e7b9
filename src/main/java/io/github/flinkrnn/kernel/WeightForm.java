package io.github.flinkrnn.kernel;

import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * The form in which a product keeps its weights. A form of 16 bits holds some floats exactly, and a
 * product widens them in registers, so its results have the same bits. It is chosen by the weights,
 * not by the type of their file: so a layer may reorder and join tensors, and a weight that was
 * scaled or folded does no harm.
 */
@Internal
public enum WeightForm {
  /** Any float. */
  FLOAT32("float32", Float.BYTES) {
    @Override
    boolean holds(float weight) {
      return true;
    }

    @Override
    int code(float weight) {
      return Float.floatToRawIntBits(weight);
    }

    @Override
    float weight(int code) {
      return Float.intBitsToFloat(code);
    }
  },

  /** The upper half of a float: 8 bits of fraction and the exponent of a float. */
  BFLOAT16("bfloat16", Short.BYTES) {
    @Override
    boolean holds(float weight) {
      return (Float.floatToRawIntBits(weight) & 0xffff) == 0;
    }

    @Override
    int code(float weight) {
      return Float.floatToRawIntBits(weight) >>> 16;
    }

    @Override
    float weight(int code) {
      return Float.intBitsToFloat(code << 16);
    }
  },

  /**
   * Sign, 5 bits of exponent and 10 bits of fraction, as in IEEE 754's half precision, but with
   * another range: zero, and from 2^-24, the smallest half, to 2^7. Halves of that range fit, and
   * none is subnormal here, because a CPU may take a hundred cycles to multiply a subnormal number.
   */
  FLOAT16("float16", Short.BYTES) {
    @Override
    boolean holds(float weight) {
      float scaled = weight / HALF_SCALE;
      int size = Float.floatToRawIntBits(scaled) & Integer.MAX_VALUE;
      boolean isNormal = size >= ONE_EXPONENT && size < HALF_EXPONENTS * ONE_EXPONENT;
      return weight == 0 || (isNormal && (size & HALF_REST) == 0 && scaled * HALF_SCALE == weight);
    }

    @Override
    int code(float weight) {
      int bits = Float.floatToRawIntBits(weight / HALF_SCALE);
      return (bits >>> 16 & 0x8000) | (bits >>> HALF_SHIFT & 0x7fff);
    }

    @Override
    float weight(int code) {
      int bits = (code & 0x8000) << 16 | (code & 0x7fff) << HALF_SHIFT;
      return Float.intBitsToFloat(bits) * HALF_SCALE;
    }
  };

  /** A weight in the form FLOAT16 is the float of its bits times this. */
  public static final float HALF_SCALE = 0x1p102f;

  private static final int HALF_SHIFT = 13; // bits of fraction that a float has and a half has not
  private static final int HALF_REST = (1 << HALF_SHIFT) - 1;
  private static final int ONE_EXPONENT = 1 << 23;
  private static final int HALF_EXPONENTS = 32;

  /**
   * Widening halves takes longer than reading floats from a cache. With fewer weights than this in
   * a matrix, a second-level cache probably holds the model.
   */
  private static final int MANY = 1 << 19;

  private final String label;
  private final int bytes;

  WeightForm(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** The name in descriptions. */
  public String label() {
    return label;
  }

  /** The bytes of a weight. */
  public int bytes() {
    return bytes;
  }

  /** Whether the form holds a weight exactly, including the sign of zero. */
  abstract boolean holds(float weight);

  /** The bits of a weight that the form holds. */
  abstract int code(float weight);

  /** The weight with these bits, the inverse of {@link #code}. */
  abstract float weight(int code);

  /** The form that is fastest for a single product of a matrix. */
  public static WeightForm of(FMatrixRMaj matrix) {
    if (BFLOAT16.holds(matrix)) {
      return BFLOAT16;
    }
    return matrix.getNumElements() >= MANY && FLOAT16.holds(matrix) ? FLOAT16 : FLOAT32;
  }

  private boolean holds(FMatrixRMaj matrix) {
    for (int i = 0; i < matrix.getNumElements(); i++) {
      if (!holds(matrix.data[i])) {
        return false;
      }
    }
    return true;
  }
}
