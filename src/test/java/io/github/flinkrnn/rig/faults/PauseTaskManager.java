package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.rig.cluster.FlinkCluster;
import io.github.flinkrnn.rig.cluster.ServerJvm;
import java.io.IOException;
import java.time.Duration;

/**
 * Pauses a TaskManager that runs the job (SIGSTOP) for longer than the heartbeat timeout, then
 * resumes it (SIGCONT). The job has continued on other TaskManagers, but the resumed one still runs
 * its tasks.
 */
final class PauseTaskManager implements Fault {
  private static final Duration BEYOND = FlinkCluster.HEARTBEAT_TIMEOUT.plusSeconds(4);

  @Override
  public String name() {
    return "pause-taskmanager";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    ServerJvm victim = scene.cluster().flink().taskManager(scene.anyHost());
    victim.pause();
    try {
      Scene.pause(BEYOND);
    } finally {
      victim.resume();
    }
    return name();
  }
}
