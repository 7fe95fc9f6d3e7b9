package io.github.flinkrnn.faults;

import io.github.flinkrnn.cluster.FlinkCluster;
import io.github.flinkrnn.cluster.ServerJvm;
import java.io.IOException;
import java.time.Duration;

/**
 * SIGSTOP of a TaskManager that runs the job, for longer than its heartbeat, then SIGCONT: the job
 * went on elsewhere, and what wakes up believes that it is still at work.
 */
final class PauseTaskManager implements Fault {
  private static final Duration BEYOND = FlinkCluster.HEARTBEAT_TIMEOUT.plusSeconds(4);

  @Override
  public String name() {
    return "pause-taskmanager";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
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
