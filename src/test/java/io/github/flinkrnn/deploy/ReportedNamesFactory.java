package io.github.flinkrnn.deploy;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Creates {@link ReportedNames} for Flink. Named in META-INF/services. */
public final class ReportedNamesFactory implements MetricReporterFactory {
  @Override
  public ReportedNames createMetricReporter(Properties properties) {
    return new ReportedNames();
  }
}
