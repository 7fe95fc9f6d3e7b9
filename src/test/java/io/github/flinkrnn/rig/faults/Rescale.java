package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.util.Optional;

/**
 * Stops the job with a savepoint and continues with another parallelism: from 2 to 1, 1 to 4, 4 to
 * 2, and so on.
 */
final class Rescale implements Fault {
  @Override
  public String name() {
    return "rescale";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    RunningJob job = scene.job();
    int before = job.parallelism();
    int after = before == 2 ? 1 : before == 1 ? 4 : 2;
    String savepoint = job.stop();
    job.setParallelism(after);
    job.submit(Optional.of(savepoint));
    return name() + " " + before + "→" + after;
  }
}
