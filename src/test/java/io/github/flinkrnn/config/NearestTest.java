package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearestTest {
  private static final List<String> NAMES =
      List.of("source", "sink", "sequence", "dead_letters", "by");

  @ParameterizedTest
  @CsvSource({
    "sorce, source", // a letter missing
    "sinks, sink", // one too many
    "suorce, source", // two in the wrong order
    "SINK, ", // another word as far as letters go: 4 of 4 differ
    "dead-letters, dead_letters",
    "deadletter, dead_letters",
    "b, by",
    "source, source"
  })
  void findsTheNameThatWasMeant(String word, String name) {
    assertThat(Nearest.to(word, NAMES).orElse(null)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "zz", "q", "kafka", "completely different", "checkpointing"})
  void suggestsNothingForAnotherWord(String word) {
    assertThat(Nearest.to(word, NAMES)).isEmpty();
    assertThat(Nearest.hint(word, NAMES)).isEmpty();
  }

  @Test
  void takesTheClosestAndTheFirstOfEquallyClose() {
    assertThat(Nearest.to("label", List.of("labials", "labels"))).contains("labels");
    assertThat(Nearest.to("bx", List.of("ba", "by"))).contains("ba");
  }

  @Test
  void isQuickWithAVeryLongWord() {
    assertThat(Nearest.to("s".repeat(10_000_000), NAMES)).isEmpty();
  }

  @Test
  void hintIsReadyToAppend() {
    assertThat(Nearest.hint("sorce", NAMES)).isEqualTo(" (did you mean source?)");
  }
}
