package io.github.flinkrnn.rig.cluster;

import io.github.flinkrnn.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A separate JVM, and the signals that can be sent to its process. */
public final class ServerJvm {
  /** A condition whose check may fail while a server starts. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LAST_LINES = 20;
  private static final Path LOGGING =
      Path.of("src/test/resources/cluster-log4j2.properties").toAbsolutePath();

  private final String name;
  private final Process process;
  private final Path log;

  private ServerJvm(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  static ServerJvm start(String name, Path jdk, List<String> arguments, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.addAll(ChildJvm.flags());
    command.add("-Dlog4j2.configurationFile=" + LOGGING);
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectInput(Path.of("/dev/null").toFile());
    // Flink's Docker image uses jemalloc for the same purpose: docs/OPERATIONS.md.
    builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
    return new ServerJvm(name, builder.start(), log);
  }

  /**
   * Sends SIGKILL, and returns when the process has ended. Does nothing if it has already ended.
   */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** The same for several processes at the same time. */
  static void kill(List<ServerJvm> jvms) {
    jvms.forEach(jvm -> jvm.process.destroyForcibly());
    jvms.forEach(ServerJvm::kill);
  }

  /**
   * Sends SIGTERM, and waits until the process has ended.
   *
   * @throws IOException if it does not end
   */
  void stop(Duration patience) throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(name + " still runs " + patience + " after SIGTERM");
    }
  }

  /** Sends SIGSTOP: the process keeps its memory and its sockets, but does nothing. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Sends SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    int status = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + signal + " of " + name + ": status " + status);
    }
  }

  /** Whether the process exists, even if it is paused. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until the process ends by itself.
   *
   * @throws IOException if it ends with an error or does not end; the message has its last lines
   */
  void awaitEnd(Duration patience) throws IOException, InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      kill();
      throw new IOException(name + " still ran after " + patience + ": " + lastLines());
    }
    if (process.exitValue() != 0) {
      throw new IOException(name + ": status " + process.exitValue() + ": " + lastLines());
    }
  }

  /**
   * Waits for an effect of the process.
   *
   * @throws IOException if the process ends first, or the time is over; the message has its last
   *     lines
   */
  void await(String what, Duration patience, Condition condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      if (!process.isAlive()) {
        throw new IOException(name + " ended before " + what + ": " + lastLines());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(name + ": no " + what + " in " + patience + ": " + lastLines());
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("while waiting for " + what);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** For a process that has ended: its name, its status, and when this was noticed. */
  String end() {
    return String.format(
        Locale.ROOT, "%s, status %d, seen at %s", name, process.exitValue(), Instant.now());
  }

  /** The process id, for tools that inspect the process. */
  public long pid() {
    return process.pid();
  }

  private String lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  @Override
  public String toString() {
    return name + ", process " + process.pid();
  }
}
