package io.github.flinkrnn.deploy;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Files of the repository, as trees. */
final class Yaml {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final JsonMapper JSON = new JsonMapper();

  private Yaml() {}

  static JsonNode read(String file) {
    return file.endsWith(".json")
        ? JSON.readTree(Path.of(file).toFile())
        : YAML.readTree(Path.of(file).toFile());
  }
}
