package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.ReducedClassPath;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program that runs a job file without Kafka or YAML on its class path gets one line. */
class AbsentLibraryTest {
  @ParameterizedTest
  @CsvSource({
    "flink-connector-kafka-, org.apache.flink:flink-connector-kafka, org.apache.flink.connector.",
    "kafka-clients-, org.apache.flink:flink-connector-kafka, org.apache.kafka.",
    "jackson-dataformat-yaml-, tools.jackson.dataformat:jackson-dataformat-yaml, tools.jackson."
  })
  void isNamed(String jar, String artifact, String type) throws Exception {
    try (URLClassLoader without = ReducedClassPath.without(jar)) {
      assertThat(main(without, "--job", "jobs/name-tagging/job.yaml", "--skip-checks"))
          .hasMessageStartingWith(
              "a job file: expected " + artifact + " on the class path, found no class " + type);
    }
  }

  private static Throwable main(ClassLoader loader, String... args)
      throws ReflectiveOperationException {
    try {
      loader
          .loadClass(RnnJob.class.getName())
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
    return Assertions.fail("runs without the library");
  }
}
