package io.github.flinkrnn.cell;

/** The g of a&lt;t&gt; = g(...). */
public enum Nonlinearity {
  TANH {
    // StrictMath, for Math.tanh may differ in its last bit from one JVM to the next.
    @Override
    float apply(float z) {
      return (float) StrictMath.tanh(z);
    }
  },
  RELU {
    // Not Math.max(0, z): a NaN must stay one, and -0 must not become part of a state.
    @Override
    float apply(float z) {
      return z <= 0 ? 0f : z;
    }
  };

  abstract float apply(float z);
}
