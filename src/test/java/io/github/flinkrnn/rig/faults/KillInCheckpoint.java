package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Kills a TaskManager that runs the job (SIGKILL) a few milliseconds after a checkpoint began:
 * before, while or after its batches and its cache are written, and the barriers pass.
 */
final class KillInCheckpoint implements Fault {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String CHECKPOINT = "chk-";
  private static final long POLL_NANOS = 500_000;
  private static final int MOST_MILLIS = 15;

  @Override
  public String name() {
    return "kill-in-checkpoint";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    int host = scene.anyHost();
    Path all = scene.checkpoints().resolve(scene.job().id());
    long latest = latest(all);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    // The JobManager makes the directory of a checkpoint before it triggers it.
    while (latest(all) <= latest) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no checkpoint within " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    Scene.pause(Duration.ofMillis(scene.random().nextInt(MOST_MILLIS)));
    scene.cluster().flink().replaceTaskManager(host);
    return name();
  }

  /** The number of the latest checkpoint; -1 if there is none. */
  private static long latest(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(CHECKPOINT))
          .mapToLong(name -> Long.parseLong(name.substring(CHECKPOINT.length())))
          .max()
          .orElse(-1);
    }
  }
}
