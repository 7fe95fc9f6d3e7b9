package io.github.flinkrnn.rig.faults;

import java.io.IOException;

/**
 * Kills the JobManager (SIGKILL). Another is started in its place, and finds the job through
 * ZooKeeper.
 */
final class KillJobManager implements Fault {
  @Override
  public String name() {
    return "kill-jobmanager";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    scene.cluster().flink().replaceJobManager();
    scene.cluster().flink().awaitSlots();
    return name();
  }
}
