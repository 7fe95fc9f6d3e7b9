package io.github.flinkrnn.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Counts records and drops them. The count is in a static field, because only there can subtasks
 * and the measuring code of the same process share it.
 */
final class CountingSink<T> implements Sink<T> {
  private static final long serialVersionUID = 1L;
  private static final Map<String, AtomicLong> COUNTS = new ConcurrentHashMap<>();

  /** Records are counted in chunks, so that subtasks do not contend for the counter. */
  private static final int CHUNK = 64;

  private static final Object GATE = new Object();
  private static volatile boolean isOpen = true;

  private final String run;

  /**
   * @param run a different name for each run
   */
  CountingSink(String run) {
    this.run = run;
  }

  /** Lets the sinks of this process go on, or wait after their next chunk of records. */
  static void open(boolean open) {
    synchronized (GATE) {
      isOpen = open;
      GATE.notifyAll();
    }
  }

  private static void pass() throws InterruptedException {
    if (!isOpen) {
      synchronized (GATE) {
        while (!isOpen) {
          GATE.wait();
        }
      }
    }
  }

  static AtomicLong count(String run) {
    return COUNTS.computeIfAbsent(run, r -> new AtomicLong());
  }

  @Override
  public SinkWriter<T> createWriter(WriterInitContext context) {
    AtomicLong count = count(run);
    return new SinkWriter<>() {
      private int uncounted;

      @Override
      public void write(T element, Context context) throws InterruptedException {
        if (++uncounted == CHUNK) {
          count.addAndGet(CHUNK);
          uncounted = 0;
          pass();
        }
      }

      @Override
      public void flush(boolean endOfInput) {}

      @Override
      public void close() {
        count.addAndGet(uncounted);
      }
    };
  }
}
