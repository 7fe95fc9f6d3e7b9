package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options for the order of tokens in a job file. Each mistake gives one line. */
class OrderMistakesTest {
  private static final String MOST = "expected an integer from 1 to 1000000, found ";

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void createFiles() {
    files = new JobFiles(directory);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {max_wait: 5s}                     | max_wait: expected only with order: seq
          {order: timestamp, max_wait: 5s}   | max_wait: expected only with order: seq
          {order: seq, max_wait: 0}          | max_wait: expected at least 1 ms, found 0
          {order: seq, max_wait: 5}          | max_wait: expected a duration like 500ms, 30s, 30m, 1h or 0, found '5'
          {order: seq, max_wait: 30s, idle_timeout: 30s} | max_wait: expected less than the idle_timeout of 30 s, found 30 s (the default is 10 s)
          {order: seq, max_wait: 1h, idle_timeout: 30m, idle_time: processing} | max_wait: expected less than the idle_timeout of 30 min, found 1 h (the default is 10 s)
          {order: seq, idle_timeout: 5s}     | max_wait: expected less than the idle_timeout of 5 s, found 10 s (the default is 10 s)
          {max_buffered: 5}                  | max_buffered: expected only with order: seq or timestamp
          {on_gap: restart}                  | on_gap: expected only with order: seq
          {order: seq, on_gap: go}           | on_gap: expected continue or restart or reject, found 'go'
          {order: timestamp, first_seq: 1}   | first_seq: expected only with order: seq
          {order: seq, first_seq: -1}        | first_seq: expected an integer from 0 to 2147483647, found -1
          {order: seq, max_out_of_orderness: 5s} | max_out_of_orderness: expected only with order: timestamp or idle_time: event
          {idle_partition: 5s}               | idle_partition: expected only with order: timestamp or idle_time: event
          {order: timestamp, max_out_of_orderness: x} | max_out_of_orderness: expected a duration like 500ms, 30s, 30m, 1h or 0, found 'x'
          {deduplicate: true}                | deduplicate: expected a string, found true
          {deduplicate: sequence}            | deduplicate: expected seq or off, found 'sequence'
          """)
  void isNamed(String section, String mistake) {
    assertThat(files.mistake(JobFiles.MINIMAL, "sequence=" + section))
        .isEqualTo("sequence." + mistake);
  }

  @ParameterizedTest
  @CsvSource({"0", "1000001", "-1"})
  void maxBufferedIsBounded(String most) {
    assertThat(files.mistake(JobFiles.MINIMAL, "sequence={order: seq, max_buffered: " + most + "}"))
        .isEqualTo("sequence.max_buffered: " + MOST + most);
  }

  /** A wait in processing time is not compared with a timeout in event time, or with no timeout. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{order: seq, max_wait: 30s, idle_timeout: 31s}",
        "{order: seq, max_wait: 30s, idle_timeout: 0}",
        "{order: seq, max_wait: 30s, idle_timeout: 30s, idle_time: event}",
        "{order: timestamp, idle_timeout: 5s}",
        "{order: arrival, deduplicate: seq, idle_timeout: 5s}"
      })
  void aTokenMayWaitForLessThanTheIdleTimeout(String section) {
    assertThat(files.read(JobFiles.MINIMAL, "sequence=" + section).sequence()).isNotNull();
  }

  @Test
  void validOptionsAreRead() {
    String numbers =
        "sequence={order: seq, max_wait: 2s, max_buffered: 7, on_gap: reject, first_seq: 1,"
            + " deduplicate: seq}";
    assertThat(files.read(JobFiles.MINIMAL, numbers).sequence().order())
        .isEqualTo(
            OrderOptions.of(By.SEQ)
                .withWaiting(Duration.ofSeconds(2), 7)
                .withGaps(OnGap.REJECT)
                .from(1)
                .withoutDuplicates());
    String times =
        "sequence={order: timestamp, max_out_of_orderness: 1m, idle_partition: 0, max_buffered: 9}";
    assertThat(files.read(JobFiles.MINIMAL, times).sequence().order())
        .isEqualTo(
            new OrderOptions(
                By.TIMESTAMP,
                Duration.ofMinutes(1),
                Duration.ZERO,
                Duration.ofSeconds(10),
                9,
                OnGap.CONTINUE,
                null,
                false));
    assertThat(files.read(JobFiles.MINIMAL).sequence().order()).isEqualTo(OrderOptions.ARRIVAL);
  }
}
