package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.util.Optional;

/** A kind of fault that can be injected into a running job. */
interface Fault {
  /** The name in the table of results. */
  String name();

  /** Why this machine cannot inject it; empty if it can. */
  default Optional<String> hindrance(Scene scene) {
    return Optional.empty();
  }

  /**
   * Injects the fault. Then repairs what an operator or a supervisor would repair: restarts a
   * process that has died, frees a disk.
   *
   * @return the name, with details if they differ from fault to fault
   * @throws IOException if the fault did not take effect, so that it shows nothing
   */
  String inject(Scene scene) throws IOException, InterruptedException;
}
