package io.github.flinkrnn.json;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.Internal;

/**
 * The format of tokens' times, and how far ahead they may be. A string is ISO 8601 with an offset,
 * whatever the unit of a number. Times are rounded down to milliseconds.
 *
 * @param unit of a number
 * @param maxAheadMillis how far a token's own time may be ahead of its Kafka record's, in
 *     milliseconds, where times decide something; 0 for unlimited
 * @param decide whether times decide something whatever the model
 */
@Internal
public record TokenTimes(Unit unit, long maxAheadMillis, boolean decide) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Epoch milliseconds, unlimited. */
  public static final TokenTimes MILLIS = new TokenTimes(Unit.MS, 0, false);

  /** A longer string is not a time. */
  private static final int MAX_TEXT = 64;

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffset("+HH:MM", "Z") // +01:00
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "+0000") // +0100
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH", "+00") // +01
          .optionalEnd()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT); // there is no 30th of February

  /** Times that are always limited. */
  public TokenTimes(Unit unit, long maxAheadMillis) {
    this(unit, maxAheadMillis, true);
  }

  /** The same for a model that uses the times of tokens. */
  public TokenTimes deciding() {
    return new TokenTimes(unit, maxAheadMillis, true);
  }

  /** The unit of a number, counted from 1970-01-01T00:00:00Z. */
  public enum Unit {
    /** Seconds, the only unit that allows a fraction. */
    S(TimeUnit.SECONDS),
    MS(TimeUnit.MILLISECONDS),
    US(TimeUnit.MICROSECONDS),
    NS(TimeUnit.NANOSECONDS);

    private final TimeUnit unit;

    Unit(TimeUnit unit) {
      this.unit = unit;
    }

    /** The name in errors: {@code milliseconds}. */
    String plural() {
      return unit.name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Epoch milliseconds of an integer.
   *
   * @throws ArithmeticException if they exceed 64 bits
   */
  long millis(long number) {
    return switch (unit) {
      case S -> Math.multiplyExact(number, 1000L);
      case MS -> number;
      case US -> Math.floorDiv(number, 1000L);
      case NS -> Math.floorDiv(number, 1_000_000L);
    };
  }

  /**
   * Epoch milliseconds of a number of seconds.
   *
   * @throws ArithmeticException if they exceed 64 bits
   */
  static long millisOfSeconds(BigDecimal seconds) {
    // A large exponent is short to write, but its digits would take memory: check it first.
    long digits = (long) seconds.precision() - seconds.scale();
    if (digits > 20) {
      throw new ArithmeticException("more than 64 bits");
    }
    if (digits < -20) {
      return seconds.signum() < 0 ? -1 : 0;
    }
    return seconds.movePointRight(3).setScale(0, RoundingMode.FLOOR).longValueExact();
  }

  /**
   * Epoch milliseconds of a string.
   *
   * @throws DateTimeException if it is not ISO 8601 with an offset
   * @throws ArithmeticException if they exceed 64 bits
   */
  static long millis(String text) {
    if (text.length() > MAX_TEXT) {
      throw new DateTimeException("longer than a time");
    }
    return OffsetDateTime.parse(text, ISO).toInstant().toEpochMilli();
  }

  /**
   * Whether a token's time is too far ahead of its record's.
   *
   * @param time the token's own time in epoch milliseconds
   * @param record the Kafka record's time in epoch milliseconds
   */
  boolean isTooEarly(long time, long record) {
    return decide
        && maxAheadMillis > 0
        && time > record
        && (time - record > maxAheadMillis || time - record < 0); // negative: an overflow
  }
}
