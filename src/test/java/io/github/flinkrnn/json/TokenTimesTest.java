package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.json.TokenTimes.Unit;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The event time of a token: units, strings, and how far ahead of its record it may be. */
class TokenTimesTest {
  private static final long HOUR = 3_600_000;

  private static TokenFields fields(TokenTimes times) {
    return new TokenFields(Map.of(), List.of(), times);
  }

  private static SourceRecord record(String time, Long kafka) {
    byte[] value = ("{\"key\":\"k\",\"features\":[],\"timestamp\":" + time + "}").getBytes(UTF_8);
    return new SourceRecord(null, value, value.length, kafka, SourceRecords.ORIGIN);
  }

  private static Long decoded(TokenTimes times, SourceRecord record) throws Rejection {
    TokenDecoder decoder = new TokenDecoder(fields(times), Reads.FEATURES, 1000);
    Long time = decoder.decode(record).timestamp();
    // The source reads the same time for its watermarks.
    assertThat(new TokenDecoder(fields(times), null, 1000).time(record, -5)).isEqualTo(time);
    return time;
  }

  @ParameterizedTest
  @CsvSource({
    "S, 1764000000, 1764000000000",
    "S, 1764000000.123, 1764000000123",
    "S, 1764000000.1239, 1764000000123",
    "S, 1.764e9, 1764000000000",
    "S, -0.0001, -1",
    "S, 1e-2000, 0",
    "S, -1e-2000, -1",
    "S, 0.0, 0",
    "MS, 1764000000123, 1764000000123",
    "MS, -1, -1",
    "US, 1764000000123999, 1764000000123",
    "US, -1, -1",
    "NS, 1764000000123999999, 1764000000123",
    "NS, -1, -1",
    "MS, '\"2025-11-24T16:00:00Z\"', 1764000000000",
    "S, '\"2025-11-24T17:00:00.123456789+01:00\"', 1764000000123",
    "NS, '\"2025-11-24t11:00:00-0500\"', 1764000000000",
    "MS, '\"2025-11-24T17:00+01\"', 1764000000000",
    "MS, '\"2025-11-24T16:00:00+0000\"', 1764000000000",
    "MS, '\"2025-11-24T16:00+00\"', 1764000000000",
    "MS, '\"1969-12-31T23:59:59.9999Z\"', -1",
  })
  void areMilliseconds(Unit unit, String time, long millis) throws Rejection {
    assertThat(decoded(new TokenTimes(unit, 0), record(time, null))).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854776", // more than 64 bits in milliseconds
        "1e300",
        "1e999999999",
        "-1e999999999",
        "1e2147483648", // a scale that BigDecimal does not support
        "-1e-2147483648",
        "1e99999999999999999999",
        "NaN",
        "\"\"",
        "\"now\"",
        "\"2025-11-24\"",
        "\"2025-11-24T16:00:00\"",
        "\"2025-11-24T16:00:00Z \"",
        "\"2025-02-30T16:00:00Z\"",
        "[1764000000]"
      })
  void areNothingElse(String time) {
    assertThatThrownBy(() -> decoded(new TokenTimes(Unit.S, 0), record(time, null)))
        .isInstanceOfSatisfying(
            Rejection.class, e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_TYPE))
        .hasMessageStartingWith(
            "timestamp: expected a number in seconds or ISO 8601 with an offset, found a");
    // It is also no time for a watermark; an exception there would end the job.
    assertThat(
            new TokenDecoder(fields(new TokenTimes(Unit.S, 0)), null, 1000)
                .time(record(time, null), -5))
        .isEqualTo(-5);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "5, 5", "3600000, 3600000", "-9, -9", "-9223372036854775808, -1"})
  void canBeAheadOfTheirRecordUpToMaxAhead(long ahead, long takenAhead) throws Rejection {
    long kafka = takenAhead == -1 ? -1 : 1000;
    long time = takenAhead == -1 ? Long.MIN_VALUE : kafka + ahead;
    assertThat(decoded(new TokenTimes(Unit.MS, HOUR), record(String.valueOf(time), kafka)))
        .isEqualTo(time);
  }

  @ParameterizedTest
  @CsvSource({"1000, 3601001", "0, 9223372036854775807", "-5, 9223372036854775807"})
  void areTooEarlyBeyondMaxAheadAndGiveNoWatermark(long kafka, long time) {
    TokenTimes times = new TokenTimes(Unit.MS, HOUR);
    SourceRecord record = record(String.valueOf(time), kafka);
    assertThatThrownBy(() -> decoded(times, record))
        .isInstanceOfSatisfying(
            Rejection.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_EARLY))
        .hasMessage(
            "timestamp: expected at most 3600000 ms after the record's "
                + kafka
                + ", found "
                + time);
    assertThat(new TokenDecoder(fields(times), null, 1000).time(record, -5)).isEqualTo(-5);
  }

  @Test
  void areNeverTooEarlyWithoutALimitOrARecordsTime() throws Rejection {
    String far = String.valueOf(Long.MAX_VALUE);
    assertThat(decoded(new TokenTimes(Unit.MS, 0), record(far, 0L))).isEqualTo(Long.MAX_VALUE);
    assertThat(decoded(new TokenTimes(Unit.MS, HOUR), record(far, null))).isEqualTo(Long.MAX_VALUE);
  }
}
