package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Options check themselves, so a program gets the same messages as a job file. */
class OptionsTest {
  private static final SequenceOptions DEFAULT = SequenceOptions.DEFAULT;
  private static final OrderOptions SEQ = OrderOptions.of(By.SEQ);

  static Stream<Arguments> invalid() {
    return Stream.of(
        invalid(
            () -> DEFAULT.withWindow(-1),
            "sequence.window: expected an integer from 0 to 10000, found -1"),
        invalid(
            () -> DEFAULT.withWindow(10_001),
            "sequence.window: expected an integer from 0 to 10000, found 10001"),
        invalid(
            () -> DEFAULT.withMaxLength(-1),
            "sequence.max_length: expected an integer from 0 to 2147483647, found -1"),
        invalid(
            () -> DEFAULT.withTokens(" ", null),
            "sequence.start_token: expected a word, found ' '"),
        invalid(
            () -> DEFAULT.withTokens(null, ""), "sequence.end_token: expected a word, found ''"),
        invalid(
            () -> DEFAULT.withIdleTimeout(Duration.ofNanos(5), false),
            "sequence.idle_timeout: expected 0 or a duration from 1 ms to 100 years, found"
                + " PT0.000000005S"),
        invalid(
            () -> DEFAULT.withIdleTimeout(Duration.ZERO, true),
            "sequence.idle_time: expected only with idle_timeout"),
        invalid(
            () -> DEFAULT.withOrder(SEQ).withIdleTimeout(Duration.ofSeconds(10), false),
            "sequence.max_wait: expected less than the idle_timeout of 10 s, found 10 s (the"
                + " default is 10 s)"),
        invalid(
            () -> SEQ.withWaiting(Duration.ZERO, 10),
            "sequence.max_wait: expected at least 1 ms, found 0"),
        invalid(
            () -> SEQ.withWaiting(Duration.ofSeconds(-1), 10),
            "sequence.max_wait: expected 0 or a duration from 1 ms to 100 years, found -1 s"),
        invalid(
            () -> SEQ.withWaiting(Duration.ofSeconds(1), 0),
            "sequence.max_buffered: expected an integer from 1 to 1000000, found 0"),
        invalid(
            () -> SEQ.from(-1),
            "sequence.first_seq: expected an integer from 0 to 9223372036854775807, found -1"),
        invalid(
            () -> new Generation(null, 0, 1, 0),
            "sequence.generate.max: expected an integer from 1 to 10000, found 0"),
        invalid(
            () -> new Generation("", 1, 1, 0),
            "sequence.generate.until: expected a word, found ''"),
        invalid(
            () -> new Generation(null, 1, Double.NaN, 0),
            "sequence.generate.temperature: expected a number from 0 to 1000, found NaN"),
        invalid(
            () -> OutputOptions.DEFAULT.withTopK(-1),
            "output.top_k: expected an integer from 0 to 10000, found -1"),
        invalid(
            () -> Emit.above(Emit.When.ABOVE, Double.POSITIVE_INFINITY),
            "output.emit.above: expected from -1e9 to 1e9, found Infinity"),
        invalid(
            () -> Emit.above(Emit.When.RANK_ABOVE, 0.5),
            "output.emit.rank_above: expected an integer from 1, found 0.5"),
        invalid(
            () -> Emit.above(Emit.When.SURPRISE_ABOVE, -1),
            "output.emit.surprise_above: expected a number from 0, found -1.0"),
        invalid(() -> Emit.above(Emit.When.LAST, 3), "output.emit: expected no limit, found 3.0"),
        invalid(
            () -> new Emit(Emit.When.RANK_ABOVE, 3, "A"),
            "output.emit.label: expected only with above"));
  }

  private static Arguments invalid(ThrowingCallable options, String message) {
    return arguments(options, message);
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidOptionIsNamed(ThrowingCallable options, String message) {
    assertThatThrownBy(options).isInstanceOf(OptionException.class).hasMessage(message);
  }

  @Test
  void theBoundsAreAccepted() {
    Duration longest = Duration.ofDays(36_500);
    assertThatNoException()
        .isThrownBy(
            () -> {
              DEFAULT.withWindow(0);
              DEFAULT.withWindow(10_000);
              DEFAULT.withMaxLength(Integer.MAX_VALUE);
              DEFAULT.withOrder(SEQ).withIdleTimeout(Duration.ofMillis(10_001), false);
              DEFAULT.withOrder(SEQ).withIdleTimeout(Duration.ofMillis(1), true);
              SEQ.withWaiting(longest, 1_000_000);
              SEQ.from(0);
              new Generation("b", 10_000, 1000, -1);
              Emit.above(Emit.When.ABOVE, -1e9);
              Emit.above(Emit.When.RANK_ABOVE, 1);
              Emit.above(Emit.When.SURPRISE_ABOVE, 0);
              new OutputOptions(Set.of(), Emit.EACH, 10_000, true);
            });
  }
}
