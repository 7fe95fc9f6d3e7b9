package io.github.flinkrnn.deploy;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;

/**
 * Flink's Prometheus reporter, only on the loopback interface and on a free port. Flink's own
 * listens on every interface. For the processes of a cluster: the option {@code ports} names a
 * directory, where the file with the process id holds the port.
 */
public final class LoopbackReporter extends AbstractPrometheusReporter {
  private HTTPServer server;

  LoopbackReporter() {}

  @Override
  public void open(MetricConfig config) {
    super.open(config);
    try {
      server =
          new HTTPServer(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), registry(this), true);
      Path ports = Path.of(config.getString("ports", ""));
      String id = String.valueOf(ProcessHandle.current().pid());
      Path written = Files.writeString(ports.resolve(id + ".part"), "" + server.getPort());
      Files.move(written, ports.resolve(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop();
    super.close();
  }

  /** Only Flink's own reporters can access it. */
  static CollectorRegistry registry(AbstractPrometheusReporter reporter) {
    try {
      Field registry = AbstractPrometheusReporter.class.getDeclaredField("registry");
      registry.setAccessible(true);
      return (CollectorRegistry) registry.get(reporter);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
