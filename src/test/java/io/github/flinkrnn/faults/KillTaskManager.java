package io.github.flinkrnn.faults;

import java.io.IOException;

/** SIGKILL; another TaskManager is started in its place. */
final class KillTaskManager implements Fault {
  @Override
  public String name() {
    return "kill-taskmanager";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    int victim = scene.anyTaskManager();
    scene.cluster().flink().taskManager(victim).kill();
    scene.cluster().flink().startTaskManager(victim);
    return name();
  }
}
