package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What is in the job jar, and what is not: a cluster has its own Flink and its own logging. */
class PackagingITCase {
  private static final String FLINK = "org/apache/flink/";

  @Test
  void holdsTheJobAndItsLibrariesButNotFlink() throws IOException {
    try (JarFile jar = new JarFile(System.getProperty("job.jar"))) {
      List<String> classes =
          jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")).toList();
      assertThat(classes)
          .contains(
              "io/github/flinkrnn/job/RnnJob.class",
              "org/ejml/data/FMatrixRMaj.class",
              "io/jhdf/ObjectHeader.class",
              "tools/jackson/databind/json/JsonMapper.class",
              "tools/jackson/dataformat/yaml/YAMLMapper.class",
              "org/apache/kafka/clients/consumer/KafkaConsumer.class",
              "org/apache/flink/connector/kafka/source/KafkaSource.class");
      assertThat(classes)
          .filteredOn(name -> name.startsWith(FLINK))
          .allMatch(
              name ->
                  name.startsWith(FLINK + "connector/kafka/")
                      || name.startsWith(FLINK + "streaming/connectors/kafka/")
                      || name.endsWith("/JSONKeyValueDeserializationSchema.class"));
      assertThat(classes)
          .noneMatch(name -> name.startsWith("org/slf4j/"))
          .noneMatch(name -> name.startsWith("org/apache/logging/"))
          .noneMatch(name -> name.startsWith("kafka/server/"));
      assertThat(jar.stream().map(ZipEntry::getName))
          .doesNotHaveDuplicates()
          .contains("META-INF/LICENSE", "META-INF/NOTICE")
          .noneMatch(name -> name.startsWith("log4j2"));
    }
  }

  @Test
  void theManifestNamesTheJobAndItsVersion() throws IOException {
    try (JarFile jar = new JarFile(System.getProperty("job.jar"))) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Main-Class")).isEqualTo("io.github.flinkrnn.job.RnnJob");
      assertThat(manifest.getValue("Implementation-Version")).matches("\\d+\\.\\d+\\.\\d+.*");
    }
  }
}
