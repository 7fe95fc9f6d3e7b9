package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pseudorandom numbers of the generator: reproducible and uniform. */
class GeneratorTest {
  private static final int BINS = 10;

  /**
   * Computed by other implementations of SplitMix64 and FNV-1a. A change would change every replay.
   */
  @ParameterizedTest
  @CsvSource({
    "0, k, 1, 0x1.5d1c91883ccf3p-1",
    "0, k, 2, 0x1.32f83759c7bcbp-1",
    "1, k, 1, 0x1.1f85c5224235fp-1",
    "0, l, 1, 0x1.27599324ce963p-1",
    "0, '', 1, 0x1.5e85a78c8ba8p-7",
    "-1, größe, 9000000000, 0x1.8010b763cbecep-2",
    "2147483647, blk_01, 17, 0x1.e62f48b5f43c8p-1"
  })
  void dependsOnlyOnSeedKeyAndStep(long seed, String key, long t, String expected) {
    assertThat(Double.toHexString(Generator.uniform(seed, key, t))).isEqualTo(expected);
  }

  /** For ten keys with a thousand steps each; counted by another implementation. */
  @Test
  void isUniform() {
    int[] bins = new int[BINS];
    double sum = 0;
    for (int i = 0; i < 10_000; i++) {
      double u = Generator.uniform(5, "k" + i % 10, i / 10 + 1);
      bins[(int) (u * BINS)]++;
      sum += u;
    }
    assertThat(bins).containsExactly(1002, 998, 987, 1038, 1017, 994, 939, 1060, 971, 994);
    assertThat(sum / 10_000).isCloseTo(0.5, within(0.002));
  }
}
