package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The bill of materials of the job jar: it is complete, and its licences permit distribution. Maven
 * does not write it when it is offline, so the CI run checks that it exists.
 */
class BillOfMaterialsITCase {
  /** Each permits a program with another licence to contain the library. */
  private static final Set<String> LICENCES =
      Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause");

  private static final String FILE = "target/flink-rnn-" + Pom.version() + ".sbom.json";

  private JsonNode bill;

  @BeforeEach
  void readBill() {
    assumeThat(Path.of(FILE)).exists();
    bill = Yaml.read(FILE);
  }

  @Test
  void everyLibraryHasALicenceOfTheList() {
    assertThat(bill.get("components")).hasSizeBetween(15, 40);
    for (JsonNode component : bill.get("components")) {
      assertThat(component.get("licenses")).as("%s", component.get("purl")).isNotEmpty();
      for (JsonNode licence : component.get("licenses")) {
        assertThat(licence.at("/license/id").asString(""))
            .as("%s", component.get("purl"))
            .isIn(LICENCES);
      }
    }
  }

  @Test
  void everyLibraryHasAHash() {
    for (JsonNode component : bill.get("components")) {
      assertThat(component.get("hashes").valueStream().map(hash -> hash.get("alg").asString()))
          .as("%s", component.get("purl"))
          .contains("SHA-256");
    }
  }

  @Test
  void everyLibraryInTheJarIsInTheList() throws Exception {
    Map<String, String> listed = new TreeMap<>();
    for (JsonNode component : bill.get("components")) {
      listed.put(
          component.get("group").asString() + ":" + component.get("name").asString(),
          component.get("version").asString());
    }
    Map<String, String> held = held();
    assertThat(held).containsKeys("tools.jackson.core:jackson-databind").hasSizeGreaterThan(7);
    assertThat(listed).containsAllEntriesOf(held);
  }

  /**
   * Group and artifact of each library whose Maven coordinates are in the jar, with its version.
   */
  private static Map<String, String> held() throws Exception {
    Map<String, String> held = new TreeMap<>();
    try (JarFile jar = new JarFile(System.getProperty("job.jar"))) {
      for (JarEntry entry : jar.stream().toList()) {
        if (entry.getName().matches("META-INF/maven/.*/pom\\.properties")) {
          Properties properties = new Properties();
          try (InputStream in = jar.getInputStream(entry)) {
            properties.load(new InputStreamReader(in, UTF_8));
          }
          if (!properties.getProperty("artifactId").equals("flink-rnn")) {
            held.put(
                properties.getProperty("groupId") + ":" + properties.getProperty("artifactId"),
                properties.getProperty("version"));
          }
        }
      }
    }
    return held;
  }
}
