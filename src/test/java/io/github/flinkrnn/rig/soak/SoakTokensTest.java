package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
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
  void eachPassHasEveryKeyInAnOrderOfItsOwn() {
    int[] first = tokens.order(0);
    int[] second = tokens.order(1);

    assertThat(first).isNotEqualTo(second).isEqualTo(new SoakTokens(1, 1000, 50).order(0));
    assertThat(Arrays.stream(first).sorted()).containsExactlyElementsOf(numbers());
    assertThat(Arrays.stream(second).sorted()).containsExactlyElementsOf(numbers());
  }

  private static Iterable<Integer> numbers() {
    return IntStream.range(0, 1000).boxed().toList();
  }

  @Test
  void aWordFollowsFromSeedKeyAndSeq() {
    assertThat(tokens.word(3, 2)).isEqualTo(new SoakTokens(1, 10, 50).word(3, 2)).matches("w\\d+");
    assertThat(IntStream.range(0, 1000).mapToObj(key -> tokens.word(key, 1)).distinct().count())
        .isEqualTo(50);
    assertThat(new String(tokens.record(3, 2), US_ASCII))
        .isEqualTo("{\"token\":\"" + tokens.word(3, 2) + "\",\"seq\":2}");
  }

  @Test
  void thePassThatIsCutShortHasTheFirstKeysOfItsOrder() {
    int[] counts = tokens.counts(3002);

    int[] order = tokens.order(3);
    assertThat(Arrays.stream(counts).sum()).isEqualTo(3002);
    assertThat(counts[order[0]]).isEqualTo(4);
    assertThat(counts[order[1]]).isEqualTo(4);
    assertThat(counts[order[2]]).isEqualTo(3);
  }

  @Test
  void theSampleHasNoKeyTwiceAndNeverMoreThanThereAre() {
    assertThat(tokens.sample(100)).hasSize(100).doesNotHaveDuplicates();
    assertThat(tokens.sample(2000)).hasSize(1000).doesNotHaveDuplicates();
  }
}
