package io.github.flinkrnn.machine;

import java.util.Optional;

/** The two loops that show what a core can do at most, at the vector unit's full width. */
public interface VectorLoops {
  /** Floats in a vector. */
  int lanes();

  /** Multiply-adds of one round of {@link #multiplyAdd}. */
  int multiplyAddsOfARound();

  /**
   * Multiplies and adds in registers alone: no load, no store.
   *
   * @return a number that depends on every one of them
   */
  float multiplyAdd(int rounds);

  /** The sum of all numbers, in many partial sums: as fast as they can be read. */
  float sum(float[] numbers);

  /** The loops of this JVM; none without the module jdk.incubator.vector. */
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
