package io.github.flinkrnn.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReasonTest {
  /** Dead letters and metrics contain these names, and users match on them. */
  @Test
  void isSpelledAsDocumented() {
    assertThat(Arrays.stream(Reason.values()).map(Reason::text))
        .containsExactly(
            "empty",
            "not-json",
            "too-large",
            "too-deep",
            "missing-field",
            "wrong-type",
            "unknown-token",
            "wrong-length",
            "not-finite",
            "late",
            "gap",
            "too-early",
            "not-accepted");
  }
}
