package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.rig.cluster.Cluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * The running job, cluster and load into which faults are injected.
 *
 * @param saidLosses the losses that the job's log says
 * @param model the model directory of the job, which only this suite uses
 * @param random the seeded random numbers of the run
 * @param checkpoints the directory of the checkpoints
 * @param disk the file system of the checkpoints, if it is a separate one
 * @param otherJdk a JDK of another version
 * @param otherJar a job jar of another version
 */
record Scene(
    Cluster cluster,
    RunningJob job,
    Load load,
    Ledger ledger,
    DeadLetters deadLetters,
    SaidLosses saidLosses,
    Path model,
    Random random,
    Path checkpoints,
    Optional<Path> disk,
    Optional<Path> otherJdk,
    Optional<Path> otherJar) {
  /** A condition that becomes true sooner or later. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * @throws IOException if the condition does not hold within the time
   */
  static void await(String what, Duration patience, Condition condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no " + what + " within " + patience.toSeconds() + " s");
      }
      pause(POLL);
    }
  }

  /** Waits, as during a fault that lasts. */
  static void pause(Duration duration) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  /** One of the TaskManagers that run the job. The death of any other would not affect it. */
  int anyHost() throws IOException, InterruptedException {
    List<Integer> hosts = cluster.flink().hosts(job.id());
    if (hosts.isEmpty()) {
      throw new IOException("no TaskManager runs a task of the job");
    }
    return hosts.get(random.nextInt(hosts.size()));
  }
}
