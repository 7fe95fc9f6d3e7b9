package io.github.flinkrnn.faults;

import io.github.flinkrnn.cluster.Cluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * What a fault strikes at.
 *
 * @param model the job's model directory, which is the suite's own
 * @param random the seeded chances of the run
 * @param disk the file system of the checkpoints, where it is one of their own
 * @param otherJdk a JDK of another version
 * @param otherJar a job jar of another version
 */
record Scene(
    Cluster cluster,
    RunningJob job,
    Load load,
    Ledger ledger,
    DeadLetters deadLetters,
    Path model,
    Random random,
    Optional<Path> disk,
    Optional<Path> otherJdk,
    Optional<Path> otherJar) {
  /** Something that comes about, sooner or later. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * @throws IOException when it has not come about within the time
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

  /** Lets time go by, as a fault that lasts does. */
  static void pause(Duration duration) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  /**
   * One of the TaskManagers that run the job: the death of another would be none of its business.
   */
  int anyHost() throws IOException, InterruptedException {
    List<Integer> hosts = cluster.flink().hosts(job.id());
    if (hosts.isEmpty()) {
      throw new IOException("no TaskManager runs a task of the job");
    }
    return hosts.get(random.nextInt(hosts.size()));
  }
}
