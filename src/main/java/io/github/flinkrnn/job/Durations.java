package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.operator.RnnFunction;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.util.TimeUtils;

/** Reads the durations of a job file: a number with a unit, like {@code 30m}. */
final class Durations {
  private Durations() {}

  /**
   * A duration: zero, or from a millisecond to a hundred years.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException for anything else
   */
  static Duration read(Fields fields, String name, Duration otherwise) {
    Optional<String> text = fields.scalar(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      Duration duration = TimeUtils.parseDuration(text.get());
      // Flink reads a bare number as milliseconds, but the user may mean another unit.
      boolean bare = text.get().matches("0*[1-9][0-9]*");
      if (!bare && RnnFunction.isIdleTimeout(duration)) { // all durations have the same range
        return duration;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // reported below
    }
    throw fields.invalid(
        name,
        "expected a duration like 500ms, 30s, 30m, 1h or 0, found "
            + fields.quoted(name, text.get()));
  }
}
