package io.github.flinkrnn.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** All JVMs of one cluster: none of them outlives it, nor the JVM that started them. */
public final class ServerJvms implements AutoCloseable {
  private final Path logs;
  private final Queue<ServerJvm> started = new ConcurrentLinkedQueue<>();
  private final Thread hook = new Thread(this::killAll);
  private volatile boolean closed;

  /**
   * @param logs an existing directory; each process gets a file in it
   */
  public ServerJvms(Path logs) {
    this.logs = logs;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts a JVM.
   *
   * @param name of its log file; a later process of the same name goes on in the same file
   * @param jdk the home of the JDK to run it
   * @param arguments JVM options, main class, and the words for it
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

  /** Whether no process is to run any more. */
  boolean isClosed() {
    return closed;
  }

  /** Where the processes' logs are. */
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
      // It is the hook that closes what uses this.
      closed = true;
    }
  }
}
