package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A timeout outside the valid range is rejected before it can expire a state. */
class IdleTimeoutBoundsTest {
  @ParameterizedTest
  @ValueSource(strings = {"PT0.0005S", "PT-1S", "P36501D", "PT2562047788015215H"})
  void rejectsTimeoutsOutsideTheRange(String timeout) {
    assertThatThrownBy(() -> RnnFunction.of("model").withIdleTimeout(Duration.parse(timeout)))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "sequence.idle_timeout: expected 0 or a duration from 1 ms to 100 years, found "
                + Duration.parse(timeout));
  }

  @Test
  void acceptsZeroAndTheBounds() {
    RnnFunction<String, Token, Prediction> function = RnnFunction.of("model");
    assertThat(function.withIdleTimeout(Duration.ZERO)).isNotNull();
    assertThat(function.withIdleTimeout(Duration.ofMillis(1))).isNotNull();
    assertThat(function.withIdleTimeout(Duration.ofDays(36_500))).isNotNull();
  }
}
