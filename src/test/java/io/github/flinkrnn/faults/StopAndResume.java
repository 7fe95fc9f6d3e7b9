package io.github.flinkrnn.faults;

import java.io.IOException;
import java.util.Optional;

/** A savepoint stops the job, and it goes on from there: by the two commands of the README. */
final class StopAndResume implements Fault {
  @Override
  public String name() {
    return "stop-and-resume";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    scene.job().submit(Optional.of(scene.job().stop()));
    return name();
  }
}
