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

  /** A value that is cut first would still be shown in part. */
  @Test
  void isReplacedBeforeItIsCut() {
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

  @Test
  void aLineIsNotCutWithinACharacter() {
    String emoji = "\ud83d\ude00";
    String even = new InvalidFileException("f", "", emoji.repeat(1000)).getMessage();
    String odd = new InvalidFileException("f1", "", emoji.repeat(1000)).getMessage();
    assertThat(even).isEqualTo("f: " + emoji.repeat(198) + "…" + emoji.repeat(100));
    assertThat(odd).isEqualTo("f1: " + emoji.repeat(198) + "…" + emoji.repeat(100));
    String after = new InvalidFileException("f", "", emoji.repeat(1000) + "x").getMessage();
    assertThat(after).isEqualTo("f: " + emoji.repeat(198) + "…" + emoji.repeat(99) + "x");
  }

  @Test
  void halfOfASurrogatePairIsReplaced() {
    assertThat(new InvalidFileException("f", "a\ud83d", "found '\ude00'"))
        .hasMessage("f: a\ufffd: found '\ufffd'");
  }
}
