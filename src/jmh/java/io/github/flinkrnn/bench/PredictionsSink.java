package io.github.flinkrnn.bench;

import io.github.flinkrnn.sequence.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps the predictions of a small job by their keys, in their order. It has one subtask, and keeps
 * them in a static field like {@link CountingSink}.
 */
final class PredictionsSink implements Sink<Prediction> {
  private static final long serialVersionUID = 1L;
  private static final Map<String, Map<String, List<float[]>>> RUNS = new ConcurrentHashMap<>();

  private final String run;

  /**
   * @param run a different name for each run
   */
  PredictionsSink(String run) {
    this.run = run;
  }

  /** Removes the predictions of a job that has ended. */
  static Map<String, List<float[]>> take(String run) {
    return RUNS.remove(run);
  }

  @Override
  public SinkWriter<Prediction> createWriter(WriterInitContext context) {
    Map<String, List<float[]>> predictions = new TreeMap<>();
    RUNS.put(run, predictions);
    return new SinkWriter<>() {
      @Override
      public void write(Prediction element, Context at) {
        predictions
            .computeIfAbsent(element.key(), key -> new ArrayList<>())
            .add(element.prediction());
      }

      @Override
      public void flush(boolean endOfInput) {}

      @Override
      public void close() {}
    };
  }
}
