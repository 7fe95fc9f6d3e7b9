package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakTokensTest {
  private final SoakTokens tokens = new SoakTokens(1, 1000, 50);

  @Test
  void aKeyHasTwelveCharactersAndSaysItsNumber() {
    assertThat(new String(tokens.key(907), US_ASCII)).isEqualTo("k00000000907");
    assertThat(tokens.number(tokens.key(907))).isEqualTo(907);
  }

  @Test
  void whatIsNoKeyHasNoNumber() {
    assertThat(tokens.number(null)).isEqualTo(-1);
    assertThat(tokens.number("k00000001000".getBytes(US_ASCII))).isEqualTo(-1);
    assertThat(tokens.number("x00000000001".getBytes(US_ASCII))).isEqualTo(-1);
    assertThat(tokens.number("k0000000000a".getBytes(US_ASCII))).isEqualTo(-1);
    assertThat(tokens.number("k1".getBytes(US_ASCII))).isEqualTo(-1);
  }

  @Test
  void aWordFollowsFromSeedKeyAndSeq() {
    assertThat(tokens.word(3, 2)).isEqualTo(new SoakTokens(1, 10, 50).word(3, 2)).matches("w\\d+");
    assertThat(IntStream.range(0, 1000).mapToObj(key -> tokens.word(key, 1)).distinct().count())
        .isEqualTo(50);
    assertThat(new String(tokens.record(3, 2), US_ASCII))
        .isEqualTo("{\"token\":\"" + tokens.word(3, 2) + "\",\"seq\":2}");
  }
}
