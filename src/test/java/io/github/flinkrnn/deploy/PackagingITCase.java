package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/**
 * The content of the job jar, and what it must not contain: a cluster has its own Flink and its own
 * logging.
 */
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

  /** The library contains neither the launcher and its broker nor test code. */
  @Test
  void theLibraryHasNoLauncher() throws IOException {
    Path library = Path.of("target/library/flink-rnn-" + Pom.version() + ".jar");
    try (JarFile jar = new JarFile(library.toFile());
        JarFile job = new JarFile(System.getProperty("job.jar"))) {
      List<String> ours = ours(jar);
      assertThat(ours)
          .contains("io/github/flinkrnn/operator/RnnFunction.class")
          .noneMatch(name -> name.contains("/cli/") || name.contains("/rig/"));
      assertThat(ours(job)).containsExactlyInAnyOrderElementsOf(ours);
      assertThat(jar.stream().map(ZipEntry::getName)).noneMatch(name -> name.contains("log4j"));
    }
    Path launcher = Path.of("target/local/flink-rnn-" + Pom.version() + "-launcher.jar");
    try (JarFile jar = new JarFile(launcher.toFile())) {
      assertThat(ours(jar))
          .contains("io/github/flinkrnn/cli/Main.class")
          .allMatch(name -> name.startsWith("io/github/flinkrnn/cli/"));
    }
  }

  private static List<String> ours(JarFile jar) {
    return jar.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.startsWith("io/github/flinkrnn/") && name.endsWith(".class"))
        .toList();
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
