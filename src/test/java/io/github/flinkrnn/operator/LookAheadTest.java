package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bidirectional model that looks two tokens ahead: when predictions come, and what they have of
 * their tokens.
 */
class LookAheadTest {
  private static final SequenceOptions TWO = SequenceOptions.DEFAULT.withLookAhead(2);
  private static final Duration TIMEOUT = Duration.ofMillis(160);
  private static final Duration LONG = Duration.ofMillis(1600);

  @TempDir private static Path directory;

  @BeforeAll
  static void writeTheModel() throws Exception {
    new SimulatedFuture(directory, true);
  }

  private static RnnFunction<String, Token, Prediction> function(SequenceOptions sequence) {
    return function(
        sequence,
        OutputOptions.DEFAULT
            .withFields(
                List.of(
                    OutputField.TOKEN,
                    OutputField.PREDICTION,
                    OutputField.SEQ,
                    OutputField.TIMESTAMP))
            .withEnds());
  }

  private static RnnFunction<String, Token, Prediction> function(
      SequenceOptions sequence, OutputOptions output) {
    return RnnFunction.of(directory.toString())
        .with(sequence)
        .with(output)
        .with(OnRejected.SIDE_OUTPUT);
  }

  private static Token token(String word) {
    return Token.of("k", word);
  }

  /** The t of each prediction; a provisional one is negative. */
  private static List<Long> steps(List<Prediction> predictions) {
    return predictions.stream()
        .map(each -> Boolean.FALSE.equals(each.isFinal()) ? -each.t() : each.t())
        .toList();
  }

  private static void assertHolds(RnnHarness harness, int entries, int timers, int eventTimers) {
    assertThat(harness.entries()).as("state entries").isEqualTo(entries);
    assertThat(harness.timers()).as("timers of processing time").isEqualTo(timers);
    assertThat(harness.eventTimers()).as("timers of event time").isEqualTo(eventTimers);
  }

  @Test
  void aPredictionComesTwoTokensLater() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(TWO))) {
      assertThat(harness.process(token("the"))).isEmpty();
      assertThat(harness.process(token("cat"))).isEmpty();
      assertHolds(harness, 1, 0, 1); // a timer for the end of the stream
      assertThat(steps(harness.process(token("sat")))).containsExactly(1L);
      assertThat(steps(harness.process(token("down")))).containsExactly(2L);
      assertThat(steps(harness.process(token("cat").last()))).containsExactly(3L, 4L, 5L);
      assertThat(harness.ended()).containsExactly("k 5 end");
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** A prediction has what belongs to its own token, not to the one that decided it. */
  @Test
  void aPredictionHasWhatItsTokenHad() throws Exception {
    try (RnnHarness harness = RnnHarness.open(function(TWO))) {
      String[] words = {"the", "cat", "sat", "down"};
      for (int i = 0; i < words.length; i++) {
        SourceRecord record = new SourceRecord(null, null, 0, 1000L + i, null);
        harness.process(
            new Token(
                "k",
                words[i],
                null,
                null,
                (Long) 70L + i,
                (Long) 500L + i,
                false,
                i == 3,
                false,
                new String[] {"\"carried " + i + "\""},
                record));
      }
      List<Prediction> all = harness.all();
      assertThat(steps(all)).containsExactly(1L, 2L, 3L, 4L);
      for (int i = 0; i < words.length; i++) {
        Prediction prediction = all.get(i);
        assertThat(prediction.token()).isEqualTo(words[i]);
        assertThat(prediction.seq()).isEqualTo(70 + i);
        assertThat(prediction.timestamp()).isEqualTo(500 + i);
        assertThat(prediction.carried()).containsExactly("\"carried " + i + "\"");
        assertThat(prediction.source().timestamp()).isEqualTo(1000 + i);
        assertThat(prediction.isFinal()).isNull();
      }
    }
  }

  @Test
  void provisionalPredictionsComeAtOnce() throws Exception {
    OutputOptions output = OutputOptions.DEFAULT.withProvisional();
    try (RnnHarness harness = RnnHarness.open(function(TWO, output))) {
      assertThat(steps(harness.process(token("the")))).containsExactly(-1L);
      assertThat(steps(harness.process(token("cat")))).containsExactly(-2L);
      assertThat(steps(harness.process(token("sat")))).containsExactly(1L, -3L);
      assertThat(steps(harness.process(token("down").last()))).containsExactly(2L, 3L, 4L);
      assertThat(harness.all().get(0).prediction())
          .as("without a future")
          .isNotEqualTo(harness.all().get(2).prediction());
    }
    try (RnnHarness harness =
        RnnHarness.open(function(SequenceOptions.DEFAULT.withLookAhead(0), output))) {
      assertThat(steps(harness.process(token("the")))).containsExactly(1L);
      assertHolds(harness, 1, 0, 0);
    }
  }

  /** A provisional prediction is that of a sequence which ends at its token. */
  @Test
  void aProvisionalPredictionIsThatOfASequenceThatEndsThere() throws Exception {
    OutputOptions output = OutputOptions.DEFAULT.withProvisional();
    List<String> words = List.of("the", "cat", "sat", "down", "down", "the");
    try (RnnHarness harness = RnnHarness.open(function(TWO, output))) {
      for (int length = 1; length < words.size(); length++) {
        List<Prediction> came = harness.process(token(words.get(length - 1)));
        Prediction provisional = came.get(came.size() - 1);
        List<Prediction> ended = new ArrayList<>();
        for (int i = 0; i < length; i++) {
          Token token = Token.of("other", words.get(i));
          ended = harness.process(i == length - 1 ? token.last() : token);
        }
        assertThat(provisional.isFinal()).isFalse();
        assertThat(provisional.prediction())
            .containsExactly(ended.get(ended.size() - 1).prediction());
      }
    }
  }

  /** What comes of "the cat sat" until its sequence ends in some way. */
  private interface End {
    void happen(RnnHarness harness) throws Exception;
  }

  private static void assertEnds(SequenceOptions sequence, String reason, End end)
      throws Exception {
    List<float[]> whole = new ArrayList<>();
    try (RnnHarness harness = RnnHarness.open(function(TWO))) {
      harness.process(token("the"));
      harness.process(token("cat"));
      harness.process(token("sat").last());
      harness.all().forEach(each -> whole.add(each.prediction()));
    }
    try (RnnHarness harness = RnnHarness.open(function(sequence))) {
      harness.process(token("the").atTime(0).at(1));
      harness.process(token("cat").atTime(1).at(2));
      harness.process(token("sat").atTime(2).at(3));
      end.happen(harness);
      List<Prediction> all = harness.all();
      assertThat(steps(all.subList(0, 3))).as(reason).containsExactly(1L, 2L, 3L);
      for (int i = 0; i < 3; i++) {
        assertThat(all.get(i).prediction()).as(reason).containsExactly(whole.get(i));
      }
      assertThat(harness.ended().get(0)).isEqualTo("k 3 " + reason);
    }
  }

  @Test
  void theRestComesAtAnyEnd() throws Exception {
    assertEnds(TWO, "start", harness -> harness.process(token("down").first()));
    assertEnds(TWO, "tombstone", harness -> harness.process(Token.tombstone("k")));
    assertEnds(
        TWO,
        "end-of-input",
        harness -> {
          harness.endOfInput();
          assertHolds(harness, 0, 0, 0);
        });
    assertEnds(TWO.withMaxLength(3), "max-length", harness -> assertHolds(harness, 0, 0, 0));
    assertEnds(TWO.withTokens(null, "sat"), "end-token", harness -> assertHolds(harness, 0, 0, 0));
    assertEnds(
        TWO.withTokens("down", null),
        "start-token",
        harness -> assertThat(harness.process(token("down"))).hasSize(2));
    assertEnds(
        TWO.withIdleTimeout(TIMEOUT, false),
        "idle-timeout",
        harness -> {
          harness.time(1000);
          assertHolds(harness, 0, 0, 0);
        });
    assertEnds(
        TWO.withIdleTimeout(TIMEOUT, true),
        "idle-timeout",
        harness -> {
          harness.watermark(1000);
          assertHolds(harness, 0, 0, 0);
        });
    assertEnds(
        SequenceOptions.DEFAULT.withMaxLength(9).withLookAhead(LookAhead.END),
        "end-of-input",
        RnnHarness::endOfInput);
  }

  @Test
  void silenceDecidesAndTheSequenceGoesOn() throws Exception {
    LookAhead ahead = LookAhead.of(2).withTimeout(TIMEOUT);
    SequenceOptions sequence = TWO.withLookAhead(ahead).withIdleTimeout(LONG, false);
    try (RnnHarness harness = RnnHarness.open(function(sequence))) {
      harness.process(token("the"));
      harness.process(token("cat"));
      assertHolds(harness, 1, 2, 1);
      harness.time(159);
      assertThat(harness.all()).isEmpty();
      harness.time(160);
      assertThat(steps(harness.all())).containsExactly(1L, 2L);
      assertHolds(harness, 1, 1, 0);
      harness.process(token("sat"));
      harness.process(token("down"));
      assertThat(steps(harness.process(token("the")))).containsExactly(3L);
      harness.time(2000);
      assertThat(steps(harness.all())).containsExactly(1L, 2L, 3L, 4L, 5L);
      assertThat(harness.ended()).containsExactly("k 5 idle-timeout");
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** In event time, it does not matter when the timer fires. */
  @Test
  void inEventTimeTheTokensSayWhatIsSilence() throws Exception {
    LookAhead ahead = LookAhead.of(2).withTimeout(TIMEOUT);
    SequenceOptions sequence = TWO.withLookAhead(ahead).withIdleTimeout(Duration.ZERO, true);
    List<List<Prediction>> runs = new ArrayList<>();
    for (boolean onTime : new boolean[] {false, true}) {
      try (RnnHarness harness = RnnHarness.open(function(sequence))) {
        harness.process(token("the").atTime(0));
        harness.process(token("cat").atTime(150));
        if (onTime) {
          harness.watermark(311);
          assertThat(steps(harness.all())).containsExactly(1L, 2L);
          assertHolds(harness, 1, 0, 0);
        }
        harness.process(token("sat").atTime(315));
        harness.process(token("down").atTime(316));
        harness.endOfInput();
        runs.add(harness.all());
        assertThat(steps(harness.all())).containsExactly(1L, 2L, 3L, 4L);
        assertThat(harness.ended()).containsExactly("k 4 end-of-input");
        assertHolds(harness, 0, 0, 0);
      }
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }

  @Test
  void theStateSurvivesARestore() throws Exception {
    OperatorSubtaskState snapshot;
    List<Prediction> expected;
    try (RnnHarness harness = RnnHarness.open(function(TWO))) {
      harness.process(token("the").at(5));
      harness.process(token("cat").at(6));
      harness.process(token("sat").at(7));
      snapshot = harness.savepoint();
      harness.process(token("down").at(8));
      harness.endOfInput();
      expected = harness.all().subList(1, 4);
    }
    for (boolean rocksDb : new boolean[] {false, true}) {
      try (RnnHarness harness = RnnHarness.restore(function(TWO), snapshot, 0, 1, 0, rocksDb)) {
        harness.process(token("down").at(8));
        harness.endOfInput();
        assertThat(harness.all()).isEqualTo(expected);
      }
    }
  }

  /** Another model cannot decide the tokens that wait, so they begin the new sequence. */
  @Test
  void anotherModelTakesTheTokensThatWait(@TempDir Path other) throws Exception {
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function(TWO))) {
      harness.process(token("the"));
      harness.process(token("cat"));
      harness.process(token("sat"));
      snapshot = harness.snapshot();
    }
    ModelDirectory.words(other);
    RnnFunction<String, Token, Prediction> oneWay =
        RnnFunction.of(other.toString()).with(OutputOptions.DEFAULT.withEnds());
    try (RnnHarness harness = RnnHarness.restore(oneWay, snapshot, 0)) {
      harness.process(token("down"));
      assertThat(steps(harness.all())).containsExactly(1L, 2L, 3L);
      assertThat(harness.all().stream().map(Prediction::token))
          .containsExactly("cat", "sat", "down");
      assertThat(harness.ended()).containsExactly("k 3 other-model");
      assertHolds(harness, 1, 0, 0);
    }
  }

  /**
   * The tokens that wait are decided by the new option, and a timeout that is gone is forgotten.
   */
  @Test
  void theOptionsMayChange() throws Exception {
    LookAhead ahead = LookAhead.of(3).withTimeout(TIMEOUT);
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function(TWO.withLookAhead(ahead)))) {
      for (String word : List.of("the", "cat", "sat")) {
        harness.process(token(word));
      }
      assertHolds(harness, 1, 1, 1);
      snapshot = harness.snapshot();
    }
    SequenceOptions one = TWO.withLookAhead(1);
    try (RnnHarness harness = RnnHarness.restore(function(one), snapshot, 0)) {
      assertThat(steps(harness.process(token("down")))).containsExactly(1L, 2L, 3L);
      assertHolds(harness, 1, 0, 1);
    }
  }

  @Test
  void emissionRulesApplyToFinalPredictions() throws Exception {
    List<String> words = List.of("the", "cat", "sat", "down", "down", "the", "sat");
    List<Prediction> all;
    try (RnnHarness harness = RnnHarness.open(function(TWO, OutputOptions.DEFAULT))) {
      for (String word : words) {
        harness.process(token(word));
      }
      harness.endOfInput();
      all = harness.all();
    }
    List<Long> changed = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i == 0 || !all.get(i).label().equals(all.get(i - 1).label())) {
        changed.add(all.get(i).t());
      }
    }
    assertThat(changed).hasSizeBetween(2, words.size() - 1);
    OutputOptions output = OutputOptions.DEFAULT.withProvisional();
    try (RnnHarness harness =
        RnnHarness.open(function(TWO, output.withEmit(Emit.of(Emit.When.CHANGE))))) {
      for (String word : words) {
        harness.process(token(word));
      }
      harness.endOfInput();
      List<Long> steps = steps(harness.all());
      assertThat(steps.stream().filter(t -> t > 0)).isEqualTo(changed);
      assertThat(steps.stream().filter(t -> t < 0)).hasSize(words.size());
    }
    try (RnnHarness harness =
        RnnHarness.open(function(TWO, OutputOptions.DEFAULT.withEmit(Emit.of(Emit.When.LAST))))) {
      for (String word : words) {
        assertThat(harness.process(token(word))).isEmpty();
      }
      harness.endOfInput();
      assertThat(harness.all()).containsExactly(all.get(6));
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** The records of tokens that wait are in the state, so there is a limit. */
  @Test
  void tokensOfManyBytesAreDecidedAtOnce() throws Exception {
    byte[] mebibyte = new byte[1 << 20];
    try (RnnHarness harness =
        RnnHarness.open(function(TWO.withLookAhead(100), OutputOptions.DEFAULT))) {
      for (int i = 1; i <= 17; i++) {
        SourceRecord record = new SourceRecord(null, mebibyte, mebibyte.length, 1L, null);
        Token token =
            new Token("k", "the", null, null, null, null, false, false, false, null, record);
        assertThat(harness.process(token)).as("token %d", i).hasSize(i == 16 ? 16 : 0);
      }
    }
  }

  /** A token that waits for a smaller number does not move the deadline of those before it. */
  @Test
  void inEventTimeTheOrderOfArrivalDoesNotMatter() throws Exception {
    LookAhead ahead = LookAhead.of(2).withTimeout(TIMEOUT);
    SequenceOptions sequence =
        TWO.withLookAhead(ahead)
            .withIdleTimeout(Duration.ZERO, true)
            .withOrder(OrderOptions.of(OrderOptions.By.SEQ).from(1));
    List<List<Prediction>> runs = new ArrayList<>();
    for (boolean inOrder : new boolean[] {true, false}) {
      try (RnnHarness harness = RnnHarness.open(function(sequence))) {
        harness.process(token("the").at(1).atTime(0));
        Token second = token("cat").at(2).atTime(10);
        Token third = token("sat").at(3).atTime(300);
        harness.process(inOrder ? second : third);
        harness.watermark(inOrder ? 10 : 290);
        harness.process(inOrder ? third : second);
        harness.endOfInput();
        runs.add(harness.all());
        assertHolds(harness, 1, 0, 0); // the number up to which tokens were taken
      }
    }
    assertThat(steps(runs.get(0))).containsExactly(1L, 2L, 3L);
    assertThat(runs.get(1)).isEqualTo(runs.get(0));
  }

  /** With {@code last}, a prediction is held back although later tokens wait. */
  @Test
  void theLastPredictionIsNotLost(@TempDir Path other) throws Exception {
    OutputOptions last = OutputOptions.DEFAULT.withEmit(Emit.of(Emit.When.LAST)).withEnds();
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = RnnHarness.open(function(TWO.withLookAhead(1), last))) {
      for (String word : List.of("the", "cat", "sat", "down", "the")) {
        assertThat(harness.process(token(word))).isEmpty();
      }
      snapshot = harness.snapshot();
    }
    ModelDirectory.words(other);
    RnnFunction<String, Token, Prediction> oneWay = RnnFunction.of(other.toString()).with(last);
    try (RnnHarness harness = RnnHarness.restore(oneWay, snapshot, 0)) {
      harness.process(token("down"));
      assertThat(steps(harness.all())).as("of the old sequence").containsExactly(4L);
      harness.endOfInput();
      assertThat(steps(harness.all())).containsExactly(4L, 2L);
      assertHolds(harness, 0, 0, 0);
    }
  }

  /** The layers above may overflow only when a prediction is due: its token is then rejected. */
  @Test
  void aPredictionThatOverflowsRejectsItsToken(@TempDir Path unbounded) throws Exception {
    io.github.flinkrnn.model.ModelDirectory.in(unbounded)
        .safetensors(
            new io.github.flinkrnn.formats.safetensors.SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {1, 1}, new float[] {1e30f})
                .f32("rnn.weight_hh_l0", new int[] {1, 1}, new float[] {0.5f})
                .f32("rnn.weight_ih_l0_reverse", new int[] {1, 1}, new float[] {1})
                .f32("rnn.weight_hh_l0_reverse", new int[] {1, 1}, new float[] {0.5f})
                .f32("fc.weight", new int[] {1, 2}, new float[] {1, 1}))
        .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}");
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(unbounded.toString()).with(TWO).with(OnRejected.SIDE_OUTPUT);
    try (RnnHarness harness = RnnHarness.open(function);
        RnnModel model = RnnModel.load(unbounded)) {
      assertThat(model.bidirectionalLayers()).isEqualTo(1);
      harness.process(Token.of("k", 1f));
      harness.process(Token.of("k", 1e10f));
      harness.process(Token.of("k", 2f));
      harness.process(Token.of("k", 3f).last());
      assertThat(steps(harness.all())).containsExactly(1L, 3L, 4L);
      assertThat(harness.rejected())
          .singleElement()
          .satisfies(
              rejected -> {
                assertThat(rejected.reason().text()).isEqualTo("not-finite");
                assertThat(rejected.detail()).isEqualTo("step 2 overflows float32");
              });
      // 0.5 · (1e30 · 1) + 1e30 · 2, as if token 2 were not there; then the backward cell.
      assertThat(harness.all().get(1).prediction()).containsExactly(2.5e30f);
      assertHolds(harness, 0, 0, 0);
    }
  }
}
