package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A rejected token is logged or fails the job if nothing takes the side output. */
class OnRejectedTest {
  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> function;
  private final List<String> logged = new ArrayList<>();
  private final Logger logger = (Logger) LogManager.getLogger(RnnFunction.class);
  private final AbstractAppender appender =
      new AbstractAppender("kept", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          if (event.getLevel().equals(Level.WARN)) {
            logged.add(event.getMessage().getFormattedMessage());
          }
        }
      };

  @BeforeEach
  void listen() throws Exception {
    function = RnnFunction.of(ModelDirectory.words(directory).toString());
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeAppender(appender);
    appender.stop();
  }

  /**
   * The first one has a line in the log. The others are counted, and the count is logged when the
   * task ends.
   */
  @Test
  void isLoggedAtALimitedRate() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function)) {
      for (int i = 0; i < 5; i++) {
        harness.process(Token.of("secret", "zebra"));
      }
      assertThat(harness.rejected()).hasSize(5);
    }
    assertThat(logged.get(0))
        .isEqualTo(
            "Rejected 1 record since the last such line; the latest: unknown-token, of unknown"
                + " origin");
    long told =
        logged.stream().mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", ""))).sum();
    assertThat(told).isEqualTo(5);
    assertThat(logged).hasSizeLessThan(5).noneMatch(line -> line.contains("secret"));
  }

  @Test
  void theLineNamesThePlaceOfTheRecord() {
    RejectionLog log = new RejectionLog(LoggerFactory.getLogger(RnnFunction.class));
    SourceRecord record =
        new SourceRecord(
            null, null, 0, null, new Origin("in", 2, 17), null, SourceRecord.NO_ELEMENT, false);
    RejectedRecord rejected = new RejectedRecord(Reason.EMPTY, "d", record);
    log.add(rejected);
    log.add(rejected);
    log.add(rejected);
    log.end();
    assertThat(logged)
        .containsExactly(
            "Rejected 1 record since the last such line; the latest: empty, of in, partition 2,"
                + " offset 17",
            "Rejected 2 records since the last such line");
    assertThat(new JobCounts(1, 1, 1)).hasToString("1 prediction, 1 rejected, 1 duplicate");
    assertThat(new JobCounts(2, 0, 0)).hasToString("2 predictions, 0 rejected");
  }

  @Test
  void isNotLoggedIfTheJobTakesTheSideOutput() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function.with(OnRejected.SIDE_OUTPUT))) {
      harness.process(Token.of("k", "zebra"));
      assertThat(harness.rejected()).hasSize(1);
    }
    assertThat(logged).isEmpty();
  }

  @Test
  void endsTheJobWithoutARestartIfAsked() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function.with(OnRejected.FAIL))) {
      assertThat(harness.process(Token.of("k", "cat"))).hasSize(1);
      assertThatThrownBy(() -> harness.process(Token.of("k", "zebra")))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "a token of sequence 'k': unknown-token, token: expected a word of the vocabulary");
    }
  }

  @Test
  void aStreamWithAnotherKeyEndsTheJobWithoutARestart() throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction>(
            new KeyedProcessOperator<>(function), Token::token, Types.STRING);
    harness.open();
    assertThatThrownBy(() -> harness.processElement(Token.of("k", "cat"), 0))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessage(
            "a token of sequence 'k': expected a stream keyed by Token::key, found the key 'cat'");
    harness.close();
  }
}
