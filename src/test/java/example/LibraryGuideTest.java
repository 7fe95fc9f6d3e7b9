package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of docs/LIBRARY.md are these, and they run. */
class LibraryGuideTest {
  @ParameterizedTest
  @ValueSource(strings = {"ScorePayments", "TwoModels", "ScorePaymentsITCase"})
  void showsAProgramAsItIs(String name) throws Exception {
    String program = Files.readString(Path.of("src/test/java/example", name + ".java"));
    String shown = program.substring(program.indexOf("import "));
    assertThat(Files.readString(Path.of("docs/LIBRARY.md"))).contains("```java\n" + shown + "```");
  }
}
