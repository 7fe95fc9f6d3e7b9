package io.github.flinkrnn.sequence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentTextsTest {
  private static final int MOST = 70; // longer than what is kept

  private final RecentTexts texts = new RecentTexts();

  /** The string, read from the middle of a buffer, or from its end. */
  private RecentText read(String text, boolean atTheEnd) {
    byte[] utf8 = text.getBytes(UTF_8);
    byte[] bytes = ("before" + text + (atTheEnd ? "" : "the rest of a record")).getBytes(UTF_8);
    return texts.read(bytes, "before".length(), utf8.length);
  }

  /** Many strings that differ in one character only, wherever it is. */
  @Test
  void readsEachStringOfManyThatAreAlike() {
    Random random = new Random(1127);
    List<String> all = new ArrayList<>();
    for (int length = 0; length <= MOST; length++) {
      all.add("a".repeat(length));
      for (int i = 0; i < length; i++) {
        for (String other : new String[] {"b", "\0", "é"}) {
          all.add("a".repeat(i) + other + "a".repeat(length - i - 1));
        }
      }
    }
    for (int i = 0; i < 100_000; i++) {
      String text = all.get(random.nextInt(all.size()));
      assertThat(read(text, random.nextBoolean())).hasToString(text);
    }
  }

  @Test
  void givesTheSameObjectAgain() {
    for (int length = 0; length <= 64; length++) {
      String text = "x".repeat(length);
      RecentText first = read(text, false);
      assertThat(read(text, true)).isSameAs(first);
      assertThat(read(text, false)).isSameAs(first);
    }
  }

  @Test
  void keepsAVocabulary() {
    int words = 1000;
    RecentText[] first = new RecentText[words];
    for (int i = 0; i < words; i++) {
      first[i] = read("merchant-" + i, false);
    }
    int kept = 0;
    for (int i = 0; i < words; i++) {
      kept += read("merchant-" + i, false) == first[i] ? 1 : 0;
    }
    assertThat(kept).isGreaterThan(980);
  }

  @Test
  void refusesInvalidUtf8() {
    for (int length : new int[] {1, 8, 20, MOST}) {
      byte[] bytes = "a".repeat(length).getBytes(UTF_8);
      bytes[length - 1] = (byte) 0xc3; // the first of two bytes
      assertThat(texts.read(bytes, 0, length)).isNull();
      assertThat(texts.read(bytes, 0, length)).isNull();
    }
  }
}
