package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.FallbackKey;
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names of Flink options are suspicious. None of Flink's own names may be. */
class FlinkOptionsTest {
  private static final String OPTION = "Lorg/apache/flink/configuration/ConfigOption;";

  private final FlinkOptions options = new FlinkOptions();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          execution.checkpointing.intervall       | (did you mean execution.checkpointing.interval?)
          execution.checkpoint.interval           | (did you mean execution.checkpointing.interval?)
          exectuion.checkpointing.interval        | (did you mean execution.checkpointing.interval?)
          paralelism.default                      | (did you mean parallelism.default?)
          state.backend.typ                       | (did you mean state.backend.type?)
          state.backend.rocksdb.use-bloomfilter   | (did you mean state.backend.rocksdb.use-bloom-filter?)
          restart-strategy.fixed-delay.attempt    | (did you mean restart-strategy.fixed-delay.attempts?)
          taskmanager.numberOfTaskSlot            | (did you mean taskmanager.numberOfTaskSlots?)
          taskmanger.numberOfTaskSlots            | (did you mean taskmanager.numberOfTaskSlots?)
          security.ssl.rest.truststor             | (did you mean security.ssl.rest.truststore?)
          security.kerberos.login.keytabs         | (did you mean security.kerberos.login.keytab?)
          metrics.scope.operatr                   | (did you mean metrics.scope.operator?)
          """)
  void aMisspeltNameIsSuspect(String name, String hint) {
    assertThat(options.suspicion(name)).hasValue("unknown Flink option " + hint);
  }

  @Test
  void anUnknownNameOfAGroupOfFlinkIsSuspectToo() {
    assertThat(options.suspicion("execution.something-else.entirely-of-ones-own"))
        .hasValue("unknown Flink option");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics.reporter.prometheus.factory.class",
        "metrics.reporter.prom.port",
        "traces.reporter.otel.exporter.endpoint",
        "events.reporter.slf4j.factory.class",
        "s3.access-key",
        "s3.path.style.access",
        "s3a.endpoint",
        "fs.s3a.aws.credentials.provider",
        "fs.azure.account.key.x.blob.core.windows.net",
        "fs.hdfs.hadoopconf",
        "gs.writer.chunk.size",
        "oss.endpoint",
        "kubernetes.operator.savepoint.history.max.age",
        "kubernetes.taskmanager.cpu",
        "job.autoscaler.enabled",
        "yarn.application.name",
        "containerized.master.env.FOO",
        "env.java.opts.all",
        "env.ssh.opts",
        "security.ssl.rest.enabled",
        "security.module.factory.of.ones.own",
        "external-resource.gpu.amount",
        "table.exec.state.ttl",
        "python.client.executable",
        "sql-gateway.endpoint.rest.port",
        "high-availability.kubernetes.leader-election.lease-duration",
        "high-availability.zookeeper.client.authorization.digest",
        "pipeline.global-job-parameters.my.parameter",
        "state.backend.forst.memory.managed",
        "my.company.option",
        "com.example.Options",
        "jobs",
        "x",
        ""
      })
  void aNameOfAPlugInOrOfOnesOwnIsNot(String name) {
    assertThat(options.suspicion(name)).isEmpty();
  }

  /**
   * Every option that is a constant of a class in one of Flink's own jars, including deprecated
   * names.
   */
  @Test
  void noNameOfFlinksOwnIsSuspect() throws Exception {
    Set<String> names = new TreeSet<>();
    for (File jar : jarsOfFlink()) {
      namesIn(jar, names);
    }
    assertThat(names)
        .hasSizeGreaterThan(900)
        .contains("execution.checkpointing.interval", "state.backend.rocksdb.use-bloom-filter")
        .contains("akka.framesize", "shuffle-service-factory.class", "dstl.dfs.base-path");
    assertThat(names).allSatisfy(name -> assertThat(options.suspicion(name)).as(name).isEmpty());
  }

  @Test
  void noNameOfTheClusterFileIsSuspect() {
    Configuration file = GlobalConfiguration.loadConfiguration("src/deploy/flink");
    assertThat(file.keySet())
        .contains("state.backend.rocksdb.use-bloom-filter", "env.java.opts.all");
    assertThat(file.keySet())
        .allSatisfy(name -> assertThat(options.suspicion(name)).as(name).isEmpty());
  }

  private static List<File> jarsOfFlink() {
    List<File> jars = new ArrayList<>();
    for (String path :
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .split(File.pathSeparator, -1)) {
      File file = new File(path);
      if (file.getName()
          .matches("flink-(?!connector-kafka|state-processor-api|.*-tests).*\\.jar")) {
        jars.add(file);
      }
    }
    assertThat(jars)
        .extracting(File::getName)
        .anyMatch(name -> name.startsWith("flink-core-2"))
        .anyMatch(name -> name.startsWith("flink-runtime-2"))
        .anyMatch(name -> name.startsWith("flink-statebackend-rocksdb-2"));
    return jars;
  }

  private static void namesIn(File file, Set<String> names) throws Exception {
    try (JarFile jar = new JarFile(file)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (name.matches("org/apache/flink/(?!.*shaded).*\\.class") && hasOptions(jar, entry)) {
          String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
          namesIn(Class.forName(type, false, FlinkOptionsTest.class.getClassLoader()), names);
        }
      }
    }
  }

  private static boolean hasOptions(JarFile jar, JarEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return new String(in.readAllBytes(), ISO_8859_1).contains(OPTION);
    }
  }

  private static void namesIn(Class<?> type, Set<String> names) throws IllegalAccessException {
    Field[] fields;
    try {
      fields = type.getDeclaredFields();
    } catch (NoClassDefFoundError e) {
      return; // refers to a class that is absent here
    }
    for (Field field : fields) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
        field.setAccessible(true);
        ConfigOption<?> option = (ConfigOption<?>) field.get(null);
        names.add(option.key());
        option.fallbackKeys().forEach((FallbackKey key) -> names.add(key.getKey()));
      }
    }
  }
}
