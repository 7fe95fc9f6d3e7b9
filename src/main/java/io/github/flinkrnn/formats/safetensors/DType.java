package io.github.flinkrnn.formats.safetensors;

import io.github.flinkrnn.formats.Tensor;
import java.nio.ByteBuffer;

/**
 * The little-endian number formats of a safetensors file: floats for weights, and integers for
 * counters and indices that no layer reads.
 */
enum DType {
  F64(8, true) {
    @Override
    float read(ByteBuffer bytes) {
      return (float) bytes.getDouble();
    }
  },
  F32(4, true) {
    @Override
    float read(ByteBuffer bytes) {
      return bytes.getFloat();
    }
  },
  F16(2, true) {
    @Override
    float read(ByteBuffer bytes) {
      return Tensor.half(bytes.getShort());
    }
  },
  BF16(2, true) {
    @Override
    float read(ByteBuffer bytes) {
      return Float.intBitsToFloat(bytes.getShort() << 16);
    }
  },
  I64(8),
  U64(8),
  I32(4),
  U32(4),
  I16(2),
  U16(2),
  I8(1),
  U8(1),
  BOOL(1);

  final int bytes;
  final boolean isFloat;

  DType(int bytes) {
    this(bytes, false);
  }

  DType(int bytes, boolean isFloat) {
    this.bytes = bytes;
    this.isFloat = isFloat;
  }

  /** Reads the next number. Only for a float format. */
  float read(ByteBuffer bytes) {
    throw new IllegalStateException(this + " holds no weights");
  }
}
