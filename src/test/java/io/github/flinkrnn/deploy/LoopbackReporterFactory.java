package io.github.flinkrnn.deploy;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Creates {@link LoopbackReporter} for Flink. */
public final class LoopbackReporterFactory implements MetricReporterFactory {
  @Override
  public LoopbackReporter createMetricReporter(Properties properties) {
    return new LoopbackReporter();
  }
}
