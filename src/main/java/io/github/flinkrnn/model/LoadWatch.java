package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The files of a model while it is loaded. If loading takes long (a slow file system, a large or a
 * hostile file), logs at regular intervals which file is being read.
 */
final class LoadWatch implements ModelFiles, AutoCloseable {
  private final ModelFiles files;
  private final Duration interval;
  private final Consumer<String> log;
  private final long begin = System.nanoTime();
  private volatile String at;
  private volatile boolean closed;
  private CompletableFuture<Boolean> next;

  /**
   * @param interval the time before the first line and between lines
   * @param log receives the lines, on a thread of the JVM
   */
  LoadWatch(ModelFiles files, Duration interval, Consumer<String> log) {
    this.files = files;
    this.interval = interval;
    this.log = log;
    this.at = files.location();
    watch();
  }

  private synchronized void watch() {
    if (closed) {
      return;
    }
    next =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, interval.toNanos(), TimeUnit.NANOSECONDS);
    CompletableFuture<Void> unused =
        next.thenAccept(
            isLate -> {
              if (isLate) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
                log.accept(
                    String.format(
                        Locale.ROOT,
                        "Still loading the model at %s after %d s: reading %s",
                        location(),
                        seconds,
                        at));
                watch();
              }
            });
  }

  /** The file that was opened last, for errors. */
  String at() {
    return at;
  }

  @Override
  public String location() {
    return files.location();
  }

  @Override
  public boolean exists(String name) throws IOException {
    return files.exists(name);
  }

  @Override
  public long size(String name) throws IOException {
    return files.size(name);
  }

  @Override
  public InputStream open(String name) throws IOException {
    at = path(name);
    return files.open(name);
  }

  @Override
  public InputStream open(String name, long from) throws IOException {
    at = path(name);
    return files.open(name, from);
  }

  @Override
  public boolean isInside(String name) throws IOException {
    return files.isInside(name);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    return files.list(directory);
  }

  @Override
  public synchronized void close() {
    closed = true;
    next.complete(false);
  }
}
