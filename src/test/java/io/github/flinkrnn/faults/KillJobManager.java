package io.github.flinkrnn.faults;

import java.io.IOException;

/** SIGKILL; another JobManager is started in its place, and finds the job by ZooKeeper. */
final class KillJobManager implements Fault {
  @Override
  public String name() {
    return "kill-jobmanager";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    scene.cluster().flink().replaceJobManager();
    scene.cluster().flink().awaitSlots();
    return name();
  }
}
