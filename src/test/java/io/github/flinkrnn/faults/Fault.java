package io.github.flinkrnn.faults;

import java.io.IOException;
import java.util.Optional;

/** One way to strike at a running job. */
interface Fault {
  /** For the table. */
  String name();

  /** Why this machine cannot do it, if it cannot. */
  default Optional<String> hindrance(Scene scene) {
    return Optional.empty();
  }

  /**
   * Strikes, and mends what an operator or a supervisor would: starts a process that is dead, frees
   * a disk.
   *
   * @return the fault's name with what it did, where that differs from blow to blow
   * @throws IOException when the blow did not do what it should: then it shows nothing
   */
  String strike(Scene scene) throws IOException, InterruptedException;
}
