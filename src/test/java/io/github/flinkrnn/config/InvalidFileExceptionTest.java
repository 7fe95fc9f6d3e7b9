package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InvalidFileExceptionTest {
  @Test
  void namesFilePlaceAndProblem() {
    assertThat(new InvalidFileException("job.yaml", "sink.type", "is missing"))
        .hasMessage("job.yaml: sink.type: is missing");
  }

  @Test
  void leavesOutThePlaceOfAWholeFile() {
    assertThat(new InvalidFileException("vocab.txt", "", "is not UTF-8"))
        .hasMessage("vocab.txt: is not UTF-8");
  }

  @Test
  void isOneLineWhateverItQuotes() {
    assertThat(new InvalidFileException("f", "a\r\nb\u0085c\u2028d\u2029e\u001b[2Jg\0", "\t."))
        .hasMessage("f: a b c d e [2Jg :  .");
  }

  /** What the cut left of a value would show half of it. */
  @Test
  void isShownOtherwiseBeforeItIsCut() {
    String secret = "s".repeat(1000);
    InvalidFileException mistake = new InvalidFileException("f", "a", "found " + secret + "!");
    InvalidFileException shown = mistake.shown(text -> text.replace(secret, "${S}"));

    assertThat(shown).hasMessage("f: a: found ${S}!");
    assertThat(shown.getStackTrace()).isEqualTo(mistake.getStackTrace());
  }

  @Test
  void keepsBothEndsOfALongLine() {
    String message = new InvalidFileException("f", "x".repeat(10_000), "is missing").getMessage();
    assertThat(message).startsWith("f: xxx").contains("x…x").endsWith("x: is missing").hasSize(601);
  }
}
