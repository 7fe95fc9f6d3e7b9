package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no job file, or made to hurt: one line, and soon. */
class HostileJobFileTest {
  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# a comment\n", "null"})
  void anEmptyFile(String yaml) {
    assertThat(files.mistake(yaml)).isEqualTo("is empty, expected YAML");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "---\n", "~", "- a\n- b\n", "5", "true"})
  void noFields(String yaml) {
    assertThat(files.mistake(yaml)).startsWith("expected fields like 'name: …', found ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"name: [a", "name: {a", "name: 'a", "\tname: a", "a: b: c", "name: @a", "%x"})
  void notYaml(String yaml) {
    assertThat(files.mistake(yaml)).startsWith("is not YAML at line ");
  }

  @Test
  void bytesThatAreNoText() {
    byte[] noise = {(byte) 0xff, (byte) 0xfe, 0, 1, (byte) 0x80, (byte) 0xc0};
    assertThat(files.mistake(noise)).startsWith("is not YAML");
    assertThat(files.mistake("name: a\0b\n")).startsWith("is not YAML");
    assertThat(files.mistake(JobFiles.MINIMAL.getBytes(UTF_16))).isNotEmpty();
  }

  /** Which of the two counts is nothing to guess about. */
  @Test
  void aFieldGivenTwice() {
    assertThat(files.mistake(JobFiles.MINIMAL + "name: other\n"))
        .startsWith("is not YAML at line 5")
        .contains("\"name\"");
  }

  @Test
  void aSecondDocument() {
    assertThat(files.mistake(JobFiles.MINIMAL + "---\nname: other\n")).startsWith("is not YAML");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void nestingWithoutEnd(String open) {
    String mistake =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> files.mistake("name: a\nx:\n  " + open.repeat(100_000)));
    assertThat(mistake).contains("nest");
  }

  @Test
  void aliasesThatMultiply() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
      String alias = "*a" + (i - 1);
      bomb.append("a" + i + ": &a" + i + " [" + (alias + ",").repeat(8) + alias + "]\n");
    }
    String mistake =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> files.mistake(JobFiles.MINIMAL + bomb));
    assertThat(mistake).startsWith("has the alias *a0 at line 6");
  }

  /** Read as the text b, it would be the name of a topic that nobody has. */
  @Test
  void anAlias() {
    String yaml = JobFiles.MINIMAL.replace("tagging", "&b tagging").replace("in.jsonl", "*b");
    assertThat(files.mistake(yaml))
        .isEqualTo("has the alias *b at line 3, expected its value there");
  }

  @Test
  void anAnchorHurtsNobody() {
    assertThat(files.read(JobFiles.MINIMAL.replace("tagging", "&b tagging")).name())
        .isEqualTo("tagging");
  }

  @Test
  void aFileWithoutEnd() {
    assertThat(files.mistake("#".repeat((1 << 20) + 1))).isEqualTo("is longer than 1048576 bytes");
  }

  @Test
  void longNamesAndValuesMakeNoLongLine() {
    String name = "x".repeat(100_000);
    assertThat(files.mistake(JobFiles.MINIMAL + name + ": 1\n").length()).isLessThan(700);
    assertThat(files.mistake(JobFiles.MINIMAL, "sink.type=" + name).length()).isLessThan(700);
  }
}
