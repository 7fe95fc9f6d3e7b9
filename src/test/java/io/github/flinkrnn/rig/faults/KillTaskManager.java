package io.github.flinkrnn.rig.faults;

import java.io.IOException;

/** Kills a TaskManager that runs the job (SIGKILL). Another is started in its place. */
final class KillTaskManager implements Fault {
  @Override
  public String name() {
    return "kill-taskmanager";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    scene.cluster().flink().replaceTaskManager(scene.anyHost());
    return name();
  }
}
