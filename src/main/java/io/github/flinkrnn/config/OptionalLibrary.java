package io.github.flinkrnn.config;

import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * The libraries that are optional dependencies, because most programs do not need them. The job jar
 * contains them.
 */
@Internal
public final class OptionalLibrary {
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "io/jhdf/", "io.jhdf:jhdf",
          "com/google/protobuf/", "com.google.protobuf:protobuf-java",
          "tools/jackson/dataformat/yaml/", "tools.jackson.dataformat:jackson-dataformat-yaml",
          "org/apache/flink/connector/kafka/", "org.apache.flink:flink-connector-kafka",
          "org/apache/kafka/", "org.apache.flink:flink-connector-kafka");

  private OptionalLibrary() {}

  /**
   * The problem in one line, which names the artifact to add.
   *
   * @throws NoClassDefFoundError if the class is of no optional library
   */
  public static String missing(NoClassDefFoundError e) {
    String type = String.valueOf(e.getMessage());
    for (Map.Entry<String, String> artifact : ARTIFACTS.entrySet()) {
      if (type.startsWith(artifact.getKey())) {
        return "expected "
            + artifact.getValue()
            + " on the class path, found no class "
            + type.replace('/', '.');
      }
    }
    throw e;
  }
}
