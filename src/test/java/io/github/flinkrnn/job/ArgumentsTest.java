package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arguments of a command. */
class ArgumentsTest {
  private static Arguments parse(String... words) {
    return Arguments.parse(words, Set.of("--job", "--model", "--set"), Set.of("--skip-checks"));
  }

  @Test
  void tellsOptionsFromTheRest() {
    Arguments arguments =
        parse("a", "--set", "x=1", "--skip-checks", "-", "--set=y=2", "b", "--job", "j.yaml");
    assertThat(arguments.rest()).containsExactly("a", "-", "b");
    assertThat(arguments.all("--set")).containsExactly("x=1", "y=2");
    assertThat(arguments.one("--job")).contains("j.yaml");
    assertThat(arguments.one("--model")).isEmpty();
    assertThat(arguments.has("--skip-checks")).isTrue();
    assertThat(arguments.has("--model")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --jb j.yaml          | --jb: unknown option (did you mean --job?)
          --modle=x            | --modle: unknown option (did you mean --model?)
          --skip-check         | --skip-check: unknown option (did you mean --skip-checks?)
          --parallelism 4      | --parallelism: unknown option
          --set                | --set: missing: expected a value
          --job a --set        | --set: missing: expected a value
          """)
  void rejectsAnUnknownOption(String words, String message) {
    assertThatThrownBy(() -> parse(words.split(" ")))
        .isInstanceOf(UsageException.class)
        .hasMessage(message);
  }

  @Test
  void rejectsTheSameOptionTwice() {
    Arguments arguments = parse("--job", "a", "--job", "b");
    assertThatThrownBy(() -> arguments.one("--job"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--job: expected one value, found 2");
  }

  /**
   * The user's shell completes the path from the working directory, not from the directory of the
   * job file.
   */
  @Test
  void takesModelRelativeToTheWorkingDirectory() {
    assertThat(RnnJob.overrides(parse("--set", "name=x", "--model", "models/a")))
        .containsExactly("name=x", "model=file:" + Path.of("models", "a").toAbsolutePath());
    assertThat(RnnJob.overrides(parse("--model", "/models/a")))
        .containsExactly("model=file:/models/a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/a", "hdfs://host:8020/a", "file:/models/a"})
  void keepsAModelsUri(String uri) {
    assertThat(RnnJob.overrides(parse("--model", uri))).containsExactly("model=" + uri);
  }

  @Test
  void hasNoOverridesOfItsOwn() {
    assertThat(RnnJob.overrides(parse())).isEmpty();
  }
}
