package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's program is this one, and it runs. */
class TagWordsITCase {
  @Test
  void printsALabelForEachWord() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream stdout = System.out;
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      TagWords.main(new String[0]);
    } finally {
      System.setOut(stdout);
    }
    assertThat(printed.toString(UTF_8).lines())
        .containsExactly("1 asked O", "2 Dr. O", "3 Watson PER");
  }

  @Test
  void standsInTheReadmeAsItIs() throws Exception {
    String program = Files.readString(Path.of("src/test/java/example/TagWords.java"));
    String shown = program.substring(program.indexOf("import "));
    assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + shown + "```");
  }
}
