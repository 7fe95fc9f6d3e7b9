package io.github.flinkrnn.deploy;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.lang.reflect.Field;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;

/**
 * What a scrape of Flink's Prometheus reporter would find, without its server, which listens on
 * every interface.
 */
public final class ReportedNames extends AbstractPrometheusReporter {
  /** Flink makes reporters itself, and hands none out. */
  private static final List<ReportedNames> REPORTERS = new CopyOnWriteArrayList<>();

  ReportedNames() {
    REPORTERS.add(this);
  }

  /** The samples of all reporters of this JVM: names, each with the names of its labels. */
  static Map<String, Set<String>> labelsByName() {
    Map<String, Set<String>> names = new TreeMap<>();
    for (ReportedNames reporter : REPORTERS) {
      for (Collector.MetricFamilySamples family :
          Collections.list(reporter.registry().metricFamilySamples())) {
        for (Collector.MetricFamilySamples.Sample sample : family.samples) {
          names.computeIfAbsent(sample.name, n -> new TreeSet<>()).addAll(sample.labelNames);
        }
      }
    }
    return names;
  }

  /** The values of all samples of a name. */
  static List<Double> values(String name) {
    return REPORTERS.stream()
        .flatMap(reporter -> Collections.list(reporter.registry().metricFamilySamples()).stream())
        .flatMap(family -> family.samples.stream())
        .filter(sample -> sample.name.equals(name))
        .map(sample -> sample.value)
        .toList();
  }

  /** Flink's own tests alone see it. */
  private CollectorRegistry registry() {
    try {
      Field registry = AbstractPrometheusReporter.class.getDeclaredField("registry");
      registry.setAccessible(true);
      return (CollectorRegistry) registry.get(this);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
