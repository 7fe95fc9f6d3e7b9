package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A timeout outside the valid range is rejected before it can expire a state. */
class IdleTimeoutBoundsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0.0005S, PT0.0005S",
    "PT-1S, -1 s",
    "PT-1.5S, -1500 ms",
    "P36501D, 3153686400 s",
    "PT2562047788015215H, 9223372036854774000 s"
  })
  void rejectsTimeoutsOutsideTheRange(Duration timeout, String found) {
    assertThatThrownBy(() -> RnnFunction.of("model").withIdleTimeout(timeout))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "sequence.idle_timeout: expected 0 or a duration from 1 ms to 100 years, found "
                + found);
  }

  @Test
  void acceptsZeroAndTheBounds() {
    RnnFunction<String, Token, Prediction> function = RnnFunction.of("model");
    assertThat(function.withIdleTimeout(Duration.ZERO)).isNotNull();
    assertThat(function.withIdleTimeout(Duration.ofMillis(1))).isNotNull();
    assertThat(function.withIdleTimeout(Duration.ofDays(36_500))).isNotNull();
  }
}
