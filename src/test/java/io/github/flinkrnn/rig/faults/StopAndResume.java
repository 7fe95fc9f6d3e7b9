package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.util.Optional;

/** Stops the job with a savepoint and continues from it, with the two commands of the README. */
final class StopAndResume implements Fault {
  @Override
  public String name() {
    return "stop-and-resume";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    scene.job().submit(Optional.of(scene.job().stop()));
    return name();
  }
}
