package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;

/**
 * A number format of a weights file, as its writer uses it: the value of a rounded weight, and its
 * bytes. Rounds toward zero, which is as good as any other rounding for a test.
 */
enum WeightFormat {
  F32 {
    @Override
    double rounded(double weight) {
      return (float) weight;
    }

    @Override
    void add(SafeTensorsFile file, String name, int[] shape, double[] rounded) {
      float[] numbers = new float[rounded.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) rounded[i];
      }
      file.f32(name, shape, numbers);
    }
  },
  F64 {
    @Override
    double rounded(double weight) {
      return weight;
    }

    @Override
    void add(SafeTensorsFile file, String name, int[] shape, double[] rounded) {
      file.f64(name, shape, rounded);
    }
  },
  /** 10 fraction bits. 2^-14 is the smallest normal number. */
  F16 {
    @Override
    double rounded(double weight) {
      double unit = Math.scalb(1.0, Math.max(Math.getExponent(weight), -14) - 10);
      long units = (long) (weight / unit);
      return units * unit;
    }

    @Override
    void add(SafeTensorsFile file, String name, int[] shape, double[] rounded) {
      short[] patterns = new short[rounded.length];
      for (int i = 0; i < patterns.length; i++) {
        double magnitude = Math.abs(rounded[i]);
        int exponent = Math.getExponent(magnitude);
        // A subnormal number has exponent bits of 0 and is a multiple of 2^-24.
        double pattern =
            exponent < -14
                ? Math.scalb(magnitude, 24)
                : 1024 * (exponent + 15) + 1024 * (Math.scalb(magnitude, -exponent) - 1);
        patterns[i] = (short) ((Math.copySign(1, rounded[i]) < 0 ? 0x8000 : 0) + (int) pattern);
      }
      file.bits16(name, "F16", shape, patterns);
    }
  },
  /** The upper half of a float32. */
  BF16 {
    @Override
    double rounded(double weight) {
      return Float.intBitsToFloat(Float.floatToIntBits((float) weight) & 0xffff0000);
    }

    @Override
    void add(SafeTensorsFile file, String name, int[] shape, double[] rounded) {
      short[] patterns = new short[rounded.length];
      for (int i = 0; i < patterns.length; i++) {
        patterns[i] = (short) (Float.floatToIntBits((float) rounded[i]) >>> 16);
      }
      file.bits16(name, "BF16", shape, patterns);
    }
  };

  abstract double rounded(double weight);

  abstract void add(SafeTensorsFile file, String name, int[] shape, double[] rounded);
}
