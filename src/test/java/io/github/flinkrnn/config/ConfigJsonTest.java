package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigJsonTest {
  private static String rejected(String json) {
    return InvalidFile.message(
        () -> ConfigJson.parse("f.json", "", json.getBytes(StandardCharsets.UTF_8)));
  }

  private static String rejectedYaml(String yaml) {
    return InvalidFile.message(
        () -> ConfigYaml.parse("job.yaml", yaml.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "null"})
  void rejectsNothing(String json) {
    assertThat(rejected(json)).isEqualTo("f.json: expected JSON, found an empty or null document");
  }

  @Test
  void reportsTheLineThatIsNotJson() {
    assertThat(rejected("{\n  \"a\": tru\n}"))
        .startsWith("f.json: cannot be read as JSON at line 2, column ")
        .contains("tru");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":1} {}", "{\"a\":1,}", "{'a':1}", "{\"a\":1} // why", "{\"a\":+1}", "\0"})
  void rejectsInvalidJson(String json) {
    assertThat(rejected(json)).startsWith("f.json: cannot be read as JSON at line 1, column ");
  }

  @Test
  void rejectsADuplicateField() {
    assertThat(rejected("{\"a\":1,\"a\":2}")).contains("Duplicate").contains("\"a\"");
    assertThat(rejectedYaml("a: 1\na: 2\n"))
        .startsWith("job.yaml: cannot be read as YAML at line 2");
  }

  @Test
  void rejectsDeepNesting() {
    String deep = "[".repeat(33) + "]".repeat(33);
    assertThat(rejected(deep)).contains("depth");
    assertThat(rejectedYaml("[".repeat(100_000) + "]".repeat(100_000)))
        .startsWith("job.yaml: cannot be read as YAML");
  }

  // Aliases of aliases: a few lines that would expand to gigabytes.
  @Test
  void doesNotUnfoldYamlAliases() {
    StringBuilder yaml = new StringBuilder("a: &a0 [x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      yaml.append(String.format("b%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1));
    }
    byte[] bytes = yaml.toString().getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ConfigYaml.parse("job.yaml", bytes))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith("job.yaml: expected a value, found the alias *a0 at line 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [", "a:\n\t- b", "{", "a: b: c", "%"})
  void reportsTheLineThatIsNotYaml(String yaml) {
    assertThat(rejectedYaml(yaml)).startsWith("job.yaml: cannot be read as YAML at line ");
  }
}
