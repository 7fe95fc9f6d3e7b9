package io.github.flinkrnn.deploy;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;

/**
 * What a scrape of Flink's Prometheus reporter would find, without its server, which listens on
 * every interface.
 */
public final class ReportedNames extends AbstractPrometheusReporter {
  private static final int ATTEMPTS = 1000;

  /** Flink creates the reporters itself, and gives no access to them. */
  private static final List<ReportedNames> REPORTERS = new CopyOnWriteArrayList<>();

  ReportedNames() {
    REPORTERS.add(this);
  }

  /** One scrape of all reporters of this JVM. */
  static List<Sample> samples() {
    return REPORTERS.stream()
        .flatMap(reporter -> reporter.scrape().stream())
        .flatMap(family -> family.samples.stream())
        .toList();
  }

  /**
   * A gauge of Flink's sink counts a map while the task writes to it. If this scrape fails because
   * of that, the next one is as good.
   */
  private List<MetricFamilySamples> scrape() {
    ConcurrentModificationException failure = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return Collections.list(LoopbackReporter.registry(this).metricFamilySamples());
      } catch (ConcurrentModificationException e) {
        failure = e;
      }
    }
    throw failure;
  }
}
