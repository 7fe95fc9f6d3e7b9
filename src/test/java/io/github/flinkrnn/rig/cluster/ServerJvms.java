package io.github.flinkrnn.rig.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** All JVMs of one cluster. None of them outlives the cluster or the JVM that started them. */
public final class ServerJvms implements AutoCloseable {
  private final Path logs;
  private final Queue<ServerJvm> started = new ConcurrentLinkedQueue<>();
  private final Thread hook = new Thread(this::killAll);
  private volatile boolean closed;

  /**
   * @param logs an existing directory, in which each process gets a log file
   */
  public ServerJvms(Path logs) {
    this.logs = logs;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts a JVM.
   *
   * @param name the name of its log file; a later process with the same name appends to it
   * @param jdk the home of the JDK that runs it
   * @param arguments JVM options, main class, and its arguments
   */
  ServerJvm start(String name, Path jdk, List<String> arguments) throws IOException {
    ServerJvm jvm = ServerJvm.start(name, jdk, arguments, logs.resolve(name + ".log"));
    started.add(jvm);
    if (closed) {
      jvm.kill();
      throw new IOException(name + ": the cluster is closed");
    }
    return jvm;
  }

  /** Whether no more processes may run. */
  boolean isClosed() {
    return closed;
  }

  /** The directory of the logs. */
  public Path logs() {
    return logs;
  }

  private void killAll() {
    closed = true;
    started.forEach(ServerJvm::kill);
  }

  @Override
  public void close() {
    killAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown hook itself calls this method.
      closed = true;
    }
  }
}
