package io.github.flinkrnn.job;

import io.github.flinkrnn.operator.StepBits;
import io.github.flinkrnn.sequence.Prediction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps the predictions of a job in this JVM, in the order of arrival. The fields are static,
 * because each task gets a copy of the sink. Only one job can run at a time.
 */
final class CollectedPredictions implements Sink<Prediction> {
  private static final long serialVersionUID = 1L;
  private static final List<StepBits> STEPS = Collections.synchronizedList(new ArrayList<>());
  private static volatile CountDownLatch awaited = new CountDownLatch(0);

  /** Clears the list, and waits for this many predictions from now on. */
  static void expect(int predictions) {
    STEPS.clear();
    awaited = new CountDownLatch(predictions);
  }

  static boolean await(long seconds) throws InterruptedException {
    return awaited.await(seconds, TimeUnit.SECONDS);
  }

  static List<StepBits> steps() {
    synchronized (STEPS) {
      return new ArrayList<>(STEPS);
    }
  }

  @Override
  public SinkWriter<Prediction> createWriter(WriterInitContext context) {
    return new SinkWriter<>() {
      @Override
      public void write(Prediction prediction, Context at) {
        STEPS.add(StepBits.of(prediction));
        awaited.countDown();
      }

      @Override
      public void flush(boolean endOfInput) {}

      @Override
      public void close() {}
    };
  }
}
