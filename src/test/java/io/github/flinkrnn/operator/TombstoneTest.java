package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tombstone ends the sequence of its key, and nothing of the key remains. */
class TombstoneTest {
  private static final OutputOptions OUTPUT =
      GoldenCase.NUMBERS.withFields(List.of(OutputField.SEQ)).withEnds();

  @TempDir private Path directory;

  @BeforeEach
  void writeTheModel() throws IOException {
    ModelDirectory.words(directory);
  }

  private RnnFunction<String, Token, Prediction> with(SequenceOptions sequence) {
    return GoldenCase.withNumbers(directory).with(sequence).with(OUTPUT);
  }

  private static List<String> steps(RnnHarness harness) {
    return harness.all().stream().map(p -> p.key() + " " + p.t() + " " + p.seq()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 32})
  void itEndsOnlyTheSequenceOfItsKey(int batch) throws Exception {
    SequenceOptions sequence =
        SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMinutes(1), false);
    try (RnnHarness harness =
        RnnHarness.open(with(sequence).with(new BatchOptions(batch, Duration.ofSeconds(1))))) {
      // All of them are collected before the first is computed: none overtakes another.
      harness.arrive(Token.of("a", "cat"));
      harness.arrive(Token.of("b", "cat"));
      harness.arrive(Token.tombstone("a"));
      harness.arrive(Token.of("a", "cat"));
      harness.arrive(Token.tombstone("b"));
      harness.arrive(Token.tombstone("nobody"));
      harness.idle();
      assertThat(steps(harness)).containsExactly("a 1 null", "b 1 null", "a 1 null");
      assertThat(harness.ended()).containsExactly("a 1 tombstone", "b 1 tombstone");
      assertThat(harness.metrics().count("why.tombstone.ended")).isEqualTo(2);
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.keys(RnnFunction.stateDescriptor().getName())).containsExactly("a");
      assertThat(harness.timers()).isEqualTo(1);
    }
  }

  @Test
  void tokensThatWaitAreTakenBeforeIt() throws Exception {
    SequenceOptions bySeq =
        SequenceOptions.DEFAULT.withOrder(OrderOptions.of(OrderOptions.By.SEQ).withoutDuplicates());
    try (RnnHarness harness = RnnHarness.open(with(bySeq))) {
      harness.process(Token.of("a", "cat").at(0));
      harness.process(Token.of("a", "cat").at(5));
      harness.process(Token.of("a", "cat").at(3));
      harness.process(Token.tombstone("a"));
      assertThat(steps(harness)).containsExactly("a 1 0", "a 2 3", "a 3 5");
      assertThat(harness.ended()).containsExactly("a 3 tombstone");
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers() + harness.eventTimers()).isZero();
      harness.process(Token.of("a", "cat").at(0)); // its numbers are forgotten, too
      assertThat(steps(harness)).endsWith("a 1 0");
    }
  }

  @Test
  void tokensThatWaitForTheirTimeAreTakenBeforeIt() throws Exception {
    SequenceOptions byTime =
        SequenceOptions.DEFAULT.withOrder(OrderOptions.of(OrderOptions.By.TIMESTAMP));
    try (RnnHarness harness = RnnHarness.open(with(byTime))) {
      harness.process(Token.of("a", "cat").at(2).atTime(2000));
      harness.process(Token.of("a", "cat").at(1).atTime(1000));
      assertThat(harness.all()).isEmpty();
      harness.process(Token.tombstone("a"));
      assertThat(steps(harness)).containsExactly("a 1 1", "a 2 2");
      assertThat(harness.ended()).containsExactly("a 2 tombstone");
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers() + harness.eventTimers()).isZero();
    }
  }

  @Test
  void theLastPredictionIsEmittedBeforeIt() throws Exception {
    SourceRecord source =
        new SourceRecord(null, null, 0, 5L, null, null, SourceRecord.NO_ELEMENT, true);
    Token keyed = new Token("a", "cat", null, null, null, null, false, false, false, null, source);
    try (RnnHarness harness =
        RnnHarness.onRocksDb(
            with(SequenceOptions.DEFAULT).with(OUTPUT.withEmit(Emit.of(Emit.When.LAST))))) {
      harness.process(Token.of("a", "cat"));
      harness.process(keyed);
      harness.barrier(); // the state is serialized
      harness.process(Token.tombstone("a"));
      assertThat(steps(harness)).containsExactly("a 2 null");
      assertThat(harness.sequenceEnds())
          .containsExactly(new SequenceEnd("a", 2, "tombstone", 5L, true));
      harness.barrier();
      assertThat(harness.keys(RnnFunction.stateDescriptor().getName())).isEmpty();
    }
  }
}
