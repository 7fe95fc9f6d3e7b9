package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** No character that controls a terminal is printed. */
class ShownTest {
  @Test
  void controlsAreEscapedAsInJson() {
    assertThat(Shown.line("a\u001b[2J\u0007b\u007fc\u009b31m\u202etxt\u2066\0"))
        .isEqualTo("a\\u001B[2J\\u0007b\\u007Fc\\u009B31m\\u202Etxt\\u2066\\u0000");
  }

  @Test
  void aLineStaysOneLine() {
    assertThat(Shown.line("a\nERROR b\r\nc\u2028d\u0085e\tf"))
        .isEqualTo("a\\nERROR b\\u000D\\nc\\u2028d\\u0085e\tf");
  }

  @Test
  void aContinuationLineDoesNotLookLikeAnEntry() {
    assertThat(Shown.lines("a\r\n12:00:00 ERROR b\n\tat c\u001b"))
        .isEqualTo("a\n    12:00:00 ERROR b\n    \tat c\\u001B");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "Größe 中文 🙂", "a'b{c}", "e\u0301", "\u00a0\u200d"})
  void otherTextIsUnchanged(String text) {
    assertThat(Shown.line(text)).isEqualTo(text);
    assertThat(Shown.lines(text)).isEqualTo(text);
    assertThat(Shown.json(text)).isEqualTo(text);
    assertThat(Shown.hasControl(text)).isFalse();
  }

  /** Every character of the plane that contains all control characters. */
  @Test
  void everyControlCharacterIsFoundAndReadBackFromJson() {
    int controls = 0;
    for (int c = 0; c < 0x10000; c++) {
      if (Character.isSurrogate((char) c)) {
        continue;
      }
      String text = "x" + (char) c + "y";
      String json = Shown.json(text);
      int type = Character.getType(c);
      byte direction = Character.getDirectionality(c);
      boolean control =
          type == Character.CONTROL
              || type == Character.LINE_SEPARATOR
              || type == Character.PARAGRAPH_SEPARATOR
              || (type == Character.FORMAT
                  && direction != Character.DIRECTIONALITY_BOUNDARY_NEUTRAL
                  && !isInterlinearOrNumber(c));
      assertThat(Shown.hasControl(text)).as("U+%04X", c).isEqualTo(control);
      assertThat(json.equals(text)).as("U+%04X", c).isEqualTo(!control && c != '"' && c != '\\');
      assertThat(new JsonMapper().readTree('"' + json + '"').stringValue()).isEqualTo(text);
      controls += control ? 1 : 0;
    }
    assertThat(controls).isEqualTo(65 + 3 + 2 + 5 + 4);
  }

  /**
   * Format characters with a direction that do not reorder text: number signs and interlinear
   * annotations.
   */
  private static boolean isInterlinearOrNumber(int c) {
    return (c >= 0x600 && c <= 0x605)
        || c == 0x6dd
        || c == 0x70f
        || c == 0x890
        || c == 0x891
        || c == 0x8e2
        || (c >= 0xfff9 && c <= 0xfffb);
  }
}
