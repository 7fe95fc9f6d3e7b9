package io.github.flinkrnn.faults;

import java.io.IOException;

/** SIGKILL of one that runs the job; another TaskManager is started in its place. */
final class KillTaskManager implements Fault {
  @Override
  public String name() {
    return "kill-taskmanager";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    scene.cluster().flink().replaceTaskManager(scene.anyHost());
    return name();
  }
}
