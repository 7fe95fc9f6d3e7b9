package io.github.flinkrnn.machine;

import java.util.Optional;

/** The two loops that show the limits of a core, with the full width of the vector unit. */
public interface VectorLoops {
  /** The number of floats in a vector. */
  int lanes();

  /** The multiply-adds in a round of {@link #multiplyAdd}. */
  int multiplyAddsOfARound();

  /**
   * Multiplies and adds only in registers, without loads and stores.
   *
   * @return a number that depends on all of them
   */
  float multiplyAdd(int rounds);

  /** The sum of all numbers, in many partial sums, as fast as they can be read. */
  float sum(float[] numbers);

  /** The loops for this JVM. Empty without the module jdk.incubator.vector. */
  static Optional<VectorLoops> ofThisJvm() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Optional.empty();
    }
    try {
      Class<?> loops = Class.forName("io.github.flinkrnn.machine.PanamaLoops");
      return Optional.of((VectorLoops) loops.getDeclaredConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
