package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ZipfKeysTest {
  private final ZipfKeys keys = new ZipfKeys(1, 1000);

  @Test
  void theSeedDeterminesTheKeys() {
    assertThat(IntStream.generate(new ZipfKeys(1, 1_000_000).start()).limit(8))
        .containsExactly(261129, 670199, 931203, 380844, 380844, 391323, 699558, 268595);
    assertThat(IntStream.generate(new ZipfKeys(7, 10_000_000).start()).limit(8))
        .containsExactly(6125524, 0, 2323316, 6050864, 5734020, 1651595, 1979758, 7657444);
    assertThat(IntStream.generate(new ZipfKeys(1, 2).start()).limit(6))
        .containsExactly(0, 1, 1, 0, 0, 1);
    assertThat(IntStream.generate(new ZipfKeys(1, 1).start()).limit(3)).containsExactly(0, 0, 0);
  }

  @Test
  void theTokensOfARankAreInverseToIt() {
    int[] counts = keys.counts(1_000_000);

    assertThat(IntStream.of(1, 2, 3, 10, 100, 1000).map(rank -> counts[keys.key(rank)]))
        .containsExactly(133_181, 66_608, 44_248, 13_467, 1336, 133);
    double sum = IntStream.rangeClosed(1, 1000).mapToDouble(rank -> 1.0 / rank).sum();
    for (int rank = 1; rank <= 1000; rank++) {
      double expected = 1e6 / sum / rank;
      assertThat((double) counts[keys.key(rank)])
          .isCloseTo(expected, within(4 * Math.sqrt(expected)));
    }
    assertThat(Arrays.stream(counts).sum()).isEqualTo(1_000_000);
  }

  @Test
  void theHundredthPartOfAMillionKeysHasTwoThirdsOfTheTokens() {
    ZipfKeys million = new ZipfKeys(1, 1_000_000);
    int[] counts = million.counts(1_000_000);

    assertThat(IntStream.rangeClosed(1, 10_000).map(rank -> counts[million.key(rank)]).sum())
        .isEqualTo(678_728);
    assertThat(Arrays.stream(counts).filter(count -> count > 0).count()).isEqualTo(217_332);
  }

  @Test
  void everyRankHasAKeyOfItsOwn() {
    for (int count : new int[] {1, 2, 3, 617, 1000, 99_999, 1_000_000}) {
      ZipfKeys all = new ZipfKeys(1, count);
      assertThat(IntStream.rangeClosed(1, count).map(all::key).sorted().toArray())
          .isEqualTo(IntStream.range(0, count).toArray());
    }
  }

  @Test
  void theSampleHasKeysOfEveryFrequencyAndNoneWithoutTokens() {
    int[] counts = keys.counts(10_000);
    int[] sample = keys.sample(100, counts);

    assertThat(sample).hasSize(100).doesNotHaveDuplicates();
    assertThat(sample).startsWith(0, 617, 851, 319, 255, 127, 871, 359, 335, 287);
    assertThat(Arrays.stream(sample).limit(10).map(key -> counts[key]))
        .containsExactly(1402, 699, 363, 175, 68, 44, 24, 12, 3, 6);
    assertThat(Arrays.stream(sample).map(key -> counts[key])).doesNotContain(0).contains(1);
    assertThat(keys.sample(2000, counts)).hasSize(909).doesNotHaveDuplicates();
    assertThat(counts[keys.key(990)]).isZero();
  }

  @Test
  void aNotableKeyWithoutTokensIsNotInTheSample() {
    int[] counts = new int[1000];
    counts[617] = 1;
    counts[5] = 3;

    assertThat(keys.sample(1000, counts)).containsExactly(617, 5);
  }

  @Test
  void theNotableKeysEndWithTheLastPowerOfTwo() {
    assertThat(new ZipfKeys(1, 1).notable()).containsExactly(0);
    assertThat(new ZipfKeys(1, 4).notable()).containsExactly(0, 1, 3);
    assertThat(new ZipfKeys(1, 100_000_000).notable().count()).isEqualTo(27);
  }
}
