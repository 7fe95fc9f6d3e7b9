package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that are not job files, or that are meant to do harm: each gives a one-line error, and
 * soon.
 */
class HostileJobFileTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# a comment\n", "null"})
  void anEmptyFile(String yaml) {
    assertThat(files.mistake(yaml)).isEqualTo("expected YAML, found an empty or null document");
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
    assertThat(files.mistake(yaml)).startsWith("cannot be read as YAML at line ");
  }

  @Test
  void bytesThatAreNotText() {
    byte[] noise = {(byte) 0xff, (byte) 0xfe, 0, 1, (byte) 0x80, (byte) 0xc0};
    assertThat(files.mistake(noise)).startsWith("cannot be read as YAML");
    assertThat(files.mistake("name: a\0b\n")).startsWith("cannot be read as YAML");
    assertThat(files.mistake(JobFiles.MINIMAL.getBytes(UTF_16))).isNotEmpty();
  }

  /** Which of the two is meant must not be guessed. */
  @Test
  void aFieldGivenTwice() {
    assertThat(files.mistake(JobFiles.MINIMAL + "name: other\n"))
        .startsWith("cannot be read as YAML at line 5")
        .contains("\"name\"");
  }

  @Test
  void aSecondDocument() {
    assertThat(files.mistake(JobFiles.MINIMAL + "---\nname: other\n"))
        .startsWith("cannot be read as YAML");
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
    assertThat(mistake).startsWith("expected a value, found the alias *a0 at line 6");
  }

  /** If it were read as the string b, it would be the name of a path that does not exist. */
  @Test
  void anAlias() {
    String yaml = JobFiles.MINIMAL.replace("tagging", "&b tagging").replace("in.jsonl", "*b");
    assertThat(files.mistake(yaml)).isEqualTo("expected a value, found the alias *b at line 3");
  }

  @Test
  void anAnchorIsAccepted() {
    assertThat(files.read(JobFiles.MINIMAL.replace("tagging", "&b tagging")).name())
        .isEqualTo("tagging");
  }

  @Test
  void aFileWithoutEnd() {
    assertThat(files.mistake("#".repeat((1 << 20) + 1)))
        .isEqualTo("expected at most 1048576 bytes");
  }

  @Test
  void longNamesAndValuesMakeNoLongLine() {
    String name = "x".repeat(100_000);
    assertThat(files.mistake(JobFiles.MINIMAL + name + ": 1\n").length()).isLessThan(700);
    assertThat(files.mistake(JobFiles.MINIMAL, "sink.type=" + name).length()).isLessThan(700);
  }

  private String mistakeSoon(String yaml, String... overrides) {
    return assertTimeoutPreemptively(SOON, () -> files.mistake(yaml, overrides));
  }

  /**
   * Each begins a variable, and none ends one. A search from each would reach the end of the file.
   */
  @ParameterizedTest
  @ValueSource(strings = {"${a:", "${a", "$", "$$", "${", "$${", "${a:}", "${a:${a:"})
  void variablesWithoutEnd(String begun) {
    String text = begun.repeat((240 << 10) / begun.length());
    String yaml = JobFiles.MINIMAL + "flink: {a: '" + text + "'}\n";
    JobFile job = assertTimeoutPreemptively(SOON, () -> files.read(yaml));
    assertThat(job.flink().get("a")).isEqualTo(filled(text));
  }

  /** The expected result, computed by another method. */
  private static String filled(String text) {
    return text.replaceAll("\\$\\{a:}", "").replace("$${", "\0{").replace('\0', '$');
  }

  @Test
  void aShortFileThatNamesALongValueAgainAndAgain() {
    files = new JobFiles(directory, Map.of("LONG", "x".repeat(100_000)));
    assertThat(mistakeSoon(JobFiles.MINIMAL + "flink: {a: '" + "${LONG}".repeat(100_000) + "'}\n"))
        .isEqualTo("flink.a: expected at most 1048576 characters from all variables");
  }

  @Test
  void carriedPointersWithoutEnd() {
    StringBuilder carry = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      carry.append(i == 0 ? "/" : ",/").append(i);
    }
    assertThat(mistakeSoon(JobFiles.MINIMAL + "output: {carry: [" + carry + "]}\n"))
        .isEqualTo("output.carry: expected at most 1000 elements, found 100000");
  }

  @Test
  void aThousandCarriedPointersAreRead() {
    StringBuilder carry = new StringBuilder("/0");
    for (int i = 1; i < 1000; i++) {
      carry.append(",/").append(i);
    }
    String yaml = JobFiles.MINIMAL + "output: {carry: [" + carry + "]}\n";
    assertThat(assertTimeoutPreemptively(SOON, () -> files.read(yaml)).carriedNames())
        .hasSize(1000);
  }

  @Test
  void aPointerWithoutEnd() {
    String pointer = "/a".repeat(100_000);
    String expected = "expected a JSON pointer of at most 1000 characters, found 200000";
    assertThat(mistakeSoon(JobFiles.MINIMAL + "output: {carry: ['" + pointer + "']}\n"))
        .isEqualTo("output.carry: " + expected);
    assertThat(mistakeSoon(JobFiles.MINIMAL, "source.fields.key=" + pointer))
        .isEqualTo("source.fields.key: " + expected);
  }

  /**
   * The path of a field contains all its names. With many fields below a long name, the paths would
   * take gigabytes.
   */
  @Test
  void namesWithoutEnd() {
    StringBuilder below = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      below.append(i == 0 ? "" : ", ").append("a" + i + ": b");
    }
    String yaml = JobFiles.MINIMAL + "? " + "x".repeat(200_000) + "\n: {" + below + "}\n";
    assertThat(mistakeSoon(yaml))
        .isEqualTo(
            "expected a field name of at most 250 characters, found 200000 characters at line 5");
    String name = "? " + "x".repeat(250) + "\n: {" + below + "}\n";
    assertThat(mistakeSoon(JobFiles.MINIMAL + name))
        .startsWith("x".repeat(250) + ": unknown field");
  }

  @Test
  void aListWithoutEnd() {
    String list = "[a" + ", a".repeat(300_000) + "]";
    assertThat(mistakeSoon(JobFiles.MINIMAL, "output.fields=" + list))
        .startsWith("output.fields: expected distinct elements, found 'a' twice");
  }

  /**
   * As many options as a file can hold. Each is unknown, or belongs to a group that Flink does not
   * know.
   */
  @ParameterizedTest
  @CsvSource({
    "taskmanager.memory.network.fraction, 21",
    "taskmanagr.memory.network.fractions, 21",
    "zebra.memory.network.fractions, 0"
  })
  void misspeltOptionsWithoutEnd(String name, int lines) {
    StringBuilder flink = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      flink.append("  ").append(name).append(i).append(": 1\n");
    }
    JobFile job = files.read(JobFiles.MINIMAL + "flink:\n" + flink);
    assertThat(assertTimeoutPreemptively(SOON, () -> JobWarnings.of(job))).hasSize(lines);
  }

  /**
   * The YAML reader takes 1024 characters at a time, and one more if it would split a surrogate
   * pair.
   */
  @Test
  void aSurrogatePairMayStandAnywhere() {
    for (int at = 1000; at < 1100; at++) {
      String comment = "#" + "x".repeat(at - 1) + "\ud83d\ude00\n";
      assertThat(files.read(comment + JobFiles.MINIMAL).name()).isEqualTo("tagging");
      String name = "t".repeat(150) + "\ud83d\ude00";
      String yaml = "#" + "x".repeat(at - 150) + "\n" + JobFiles.MINIMAL.replace("tagging", name);
      assertThat(files.read(yaml).name()).isEqualTo(name);
    }
  }

  @Test
  void aByteOrderMarkIsNotPartOfTheFirstName() {
    assertThat(files.read("\ufeff" + JobFiles.MINIMAL).name()).isEqualTo("tagging");
  }
}
