package io.github.flinkrnn.faults;

import io.github.flinkrnn.cluster.FlinkCluster;
import io.github.flinkrnn.cluster.ServerJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

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
    FlinkCluster flink = scene.cluster().flink();
    List<Integer> hosts = flink.hosts(scene.job().id());
    if (hosts.isEmpty()) {
      throw new IOException("no TaskManager runs a task of the job");
    }
    ServerJvm victim = flink.taskManager(hosts.get(scene.random().nextInt(hosts.size())));
    victim.pause();
    try {
      Scene.pause(BEYOND);
    } finally {
      victim.resume();
    }
    return name();
  }
}
