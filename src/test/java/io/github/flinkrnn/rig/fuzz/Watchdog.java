package io.github.flinkrnn.rig.fuzz;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Checks that each run ends. A run that hangs cannot report this itself. */
final class Watchdog implements AutoCloseable {
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread daemon = new Thread(task, "fuzz-watchdog");
            daemon.setDaemon(true);
            return daemon;
          });
  private final Duration most;
  private final Path kept;
  private final PrintStream out;
  private final Runnable onHang;
  private volatile Running running;

  private record Running(Target target, long run, Map<String, byte[]> files, long since) {}

  /**
   * @param most the maximum duration of a run
   * @param onHang runs after the input was kept
   */
  Watchdog(Duration most, Path kept, PrintStream out, Runnable onHang) {
    this.most = most;
    this.kept = kept;
    this.out = out;
    this.onHang = onHang;
    ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  void begins(Target target, long run, Map<String, byte[]> files) {
    running = new Running(target, run, files, System.nanoTime());
  }

  void ends() {
    running = null;
  }

  private void look() {
    Running now = running;
    if (now == null || System.nanoTime() - now.since < most.toNanos()) {
      return;
    }
    running = null;
    Path directory = kept.resolve(now.target.name() + "-" + now.run + "-hangs");
    out.println(
        now.target.name()
            + ": run "
            + now.run
            + ": has not ended after "
            + most.toSeconds()
            + " s; its input: "
            + directory);
    Campaign.keep(directory, now.files);
    onHang.run();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
