package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.operator.RnnFunction;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/** Reads the fields of a job file that are a number with a unit, such as {@code 30m} or 64mb. */
final class Quantities {
  private Quantities() {}

  /**
   * A duration: zero, or from a millisecond to a hundred years.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException for anything else
   */
  static Duration duration(Fields fields, String name, Duration otherwise) {
    return read(
        fields,
        name,
        otherwise,
        // all durations have the same range
        text -> Optional.of(TimeUtils.parseDuration(text)).filter(RnnFunction::isIdleTimeout),
        "a duration like 500ms, 30s, 30m, 1h or 0");
  }

  /**
   * A number of bytes.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException for anything else
   */
  static MemorySize size(Fields fields, String name, MemorySize otherwise) {
    return read(
        fields,
        name,
        otherwise,
        text -> Optional.of(MemorySize.parse(text)),
        "a size like 64mb, 1gb or 0");
  }

  /**
   * @param parse returns an empty value, or throws an IllegalArgumentException or an
   *     ArithmeticException, for an invalid string
   */
  private static <T> T read(
      Fields fields,
      String name,
      T otherwise,
      Function<String, Optional<T>> parse,
      String expected) {
    Optional<String> text = fields.scalar(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    // Flink gives a bare number a unit, but the user may mean another one.
    boolean isBare = text.get().matches("0*[1-9][0-9]*");
    Optional<T> value = Optional.empty();
    try {
      value = isBare ? value : parse.apply(text.get());
    } catch (IllegalArgumentException | ArithmeticException e) {
      // reported below
    }
    return value.orElseThrow(
        () ->
            fields.invalid(
                name, "expected " + expected + ", found " + fields.quoted(name, text.get())));
  }
}
