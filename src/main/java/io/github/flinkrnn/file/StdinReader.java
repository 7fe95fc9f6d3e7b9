package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/**
 * Reads the standard input in a separate thread, because a read may block for long and the task
 * must remain cancellable.
 */
final class StdinReader implements SourceReader<SourceRecord, StdinSource.Stdin> {
  private static final int MAX_WAITING = 1024;

  private final SourceReaderContext context;
  // Guarded by this, like all fields below.
  private final Queue<SourceRecord> waiting = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean reads;
  private boolean ended;
  private Throwable failure;

  StdinReader(SourceReaderContext context) {
    this.context = context;
  }

  @Override
  public void start() {
    context.sendSplitRequest();
  }

  @Override
  public synchronized void addSplits(List<StdinSource.Stdin> splits) {
    reads = true;
    StdinSource.Stdin stdin = splits.get(0);
    Thread thread = new Thread(() -> readAll(stdin.maxBytes()), "stdin");
    thread.setDaemon(true); // its read cannot be interrupted
    thread.start();
  }

  private void readAll(int maxBytes) {
    try {
      LineReader lines = new LineReader(System.in, "-", maxBytes);
      SourceRecord line = lines.next();
      while (line != null && put(line)) {
        line = lines.next();
      }
      end(null);
    } catch (IOException | RuntimeException e) {
      end(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(e);
    }
  }

  private synchronized boolean put(SourceRecord line) throws InterruptedException {
    while (waiting.size() >= MAX_WAITING && !ended) {
      wait();
    }
    waiting.add(line);
    available.complete(null);
    return !ended;
  }

  private synchronized void end(Throwable cause) {
    ended = true;
    failure = failure == null ? cause : failure;
    available.complete(null);
  }

  @Override
  public synchronized InputStatus pollNext(ReaderOutput<SourceRecord> output) throws IOException {
    SourceRecord line = waiting.poll();
    if (line != null) {
      notifyAll();
      output.collect(line);
      return InputStatus.MORE_AVAILABLE;
    }
    if (failure != null) {
      throw new IOException("standard input: cannot be read", failure);
    }
    if (ended) {
      return InputStatus.END_OF_INPUT;
    }
    available = new CompletableFuture<>();
    return InputStatus.NOTHING_AVAILABLE;
  }

  @Override
  public synchronized CompletableFuture<Void> isAvailable() {
    return available;
  }

  @Override
  public synchronized void notifyNoMoreSplits() {
    if (!reads) {
      end(null);
    }
  }

  @Override
  public List<StdinSource.Stdin> snapshotState(long checkpointId) {
    return List.of();
  }

  @Override
  public synchronized void close() {
    ended = true;
    notifyAll();
  }
}
