package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.model.RnnModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher prints names of hostile files and brokers without characters that control a
 * terminal.
 */
class ConsoleTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/course-rnn/model");

  @TempDir private Path directory;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Console console = new Console(new PrintStream(said, true, UTF_8), false);

  @Test
  void eachMessageIsOneLine() {
    console.say("model", "a\u001b]0;title\u0007\ndone     0 predictions");
    console.sayError("topic \u202ekrow\u009b2J: no\r\nsuch");

    assertThat(said.toString(UTF_8).lines())
        .containsExactly(
            "model    a\\u001B]0;title\\u0007\\ndone     0 predictions",
            "flink-rnn: topic \\u202Ekrow\\u009B2J: no\\u000D\\nsuch");
  }

  @Test
  void theNameOfADirectoryIsEscaped() throws IOException {
    Path hostile =
        Files.createDirectory(directory.resolve("a\u001b[2J\nlabels         none\u202e"));
    for (String name : new String[] {"parameters.json", "config.json"}) {
      if (Files.exists(MODEL.resolve(name))) {
        Files.copy(MODEL.resolve(name), hostile.resolve(name));
      }
    }
    try (RnnModel model = RnnModel.load(hostile)) {
      new DescribeCommand(model, new PrintStream(said, true, UTF_8)).run();
    }

    assertThat(said.toString(UTF_8).lines())
        .noneMatch(Shown::hasControl)
        .filteredOn(line -> line.startsWith("model ") || line.startsWith("labels "))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("model          a\\u001B[2J\\nlabels         none\\u202E"),
            line -> assertThat(line).startsWith("labels  "));
  }
}
