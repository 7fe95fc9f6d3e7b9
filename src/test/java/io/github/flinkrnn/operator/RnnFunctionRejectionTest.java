package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokens from a program that does not use the decoder, and that the model cannot read. They go to
 * the side output, and their sequence continues as if they had not arrived.
 */
class RnnFunctionRejectionTest {
  private static final Origin ORIGIN = new Origin("in", 3, 14);

  @TempDir private Path directory;

  static Stream<Arguments> unreadableWords() {
    return Stream.of(
        Arguments.of(word("zebra"), Reason.UNKNOWN_TOKEN, "{\"key\":\"k\",\"token\":\"zebra\"}"),
        Arguments.of(word("Cat"), Reason.UNKNOWN_TOKEN, "{\"key\":\"k\",\"token\":\"Cat\"}"),
        Arguments.of(word(""), Reason.UNKNOWN_TOKEN, "{\"key\":\"k\",\"token\":\"\"}"),
        Arguments.of(word(null), Reason.MISSING_FIELD, "{\"key\":\"k\"}"));
  }

  @ParameterizedTest
  @MethodSource("unreadableWords")
  void rejectsWordsItDoesNotKnow(Token bad, Reason reason, String json) throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.words(directory));
    assertRejectedWithoutATrace(recurrence, Token.of("k", "cat"), bad, reason, json);
  }

  static Stream<Arguments> unreadableFeatures() {
    return Stream.of(
        Arguments.of(features(), Reason.WRONG_LENGTH),
        Arguments.of(features(1, 2), Reason.WRONG_LENGTH),
        Arguments.of(features(1, 2, 3, 4), Reason.WRONG_LENGTH),
        Arguments.of(features((float[]) null), Reason.MISSING_FIELD),
        Arguments.of(features(Float.NaN, 0, 0), Reason.NOT_FINITE),
        Arguments.of(features(0, Float.POSITIVE_INFINITY, 0), Reason.NOT_FINITE),
        Arguments.of(features(0, 0, Float.NEGATIVE_INFINITY), Reason.NOT_FINITE));
  }

  @ParameterizedTest
  @MethodSource("unreadableFeatures")
  void rejectsFeaturesItCannotRead(Token bad, Reason reason) throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.threeFeatures(directory));
    assertRejectedWithoutATrace(recurrence, Token.of("k", 1, -2, 0.5f), bad, reason, null);
  }

  @Test
  void saysWhichLengthItExpected() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.threeFeatures(directory));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.process(features(1, 2))).isEmpty();
      RejectedRecord rejected = harness.rejected().get(0);
      assertThat(rejected.detail()).isEqualTo("features: expected 3 numbers, found 2");
      assertThat(text(rejected)).isEqualTo("{\"key\":\"k\",\"features\":[1.0,2.0]}");
    }
  }

  /** a = relu(0.5 a + 1e30 x): x = 1e30 is finite, but the step overflows. */
  @Test
  void rejectsAStepThatOverflowsTheHiddenState() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.unbounded(directory, "1"));
    assertRejectedWithoutATrace(
        recurrence, Token.of("k", 1), features(1e30f), Reason.NOT_FINITE, null);
  }

  /** The prediction would be finite, but the state for the next step is not. */
  @Test
  void rejectsAnOverflowThatTheUpperLayerHides() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.hiddenOverflow(directory));
    assertRejectedWithoutATrace(
        recurrence, Token.of("k", 1), features(1e30f), Reason.NOT_FINITE, null);
  }

  /** The hidden state is finite, but y = 1e10 a is not. */
  @Test
  void rejectsAStepThatOverflowsTheHead() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.unbounded(directory, "1e10"));
    assertRejectedWithoutATrace(
        recurrence, Token.of("k", 1e-5f), features(1), Reason.NOT_FINITE, null);
  }

  /** Infinity - infinity: the output of a layer must not be NaN, even if relu would hide it. */
  @Test
  void rejectsAStepThatIsNotANumber() throws Exception {
    Path model =
        ModelDirectory.write(
            directory,
            "{\"nonlinearity\": \"relu\", \"input\": {\"type\": \"features\"}, \"output\": {\"activation\": \"identity\"}}",
            "{\"Waa\": [[0]], \"Wax\": [[1e30, -1e30]], \"Wya\": [[1]]}");
    assertRejectedWithoutATrace(
        GoldenCase.withNumbers(model),
        Token.of("k", 1, 0.5f),
        features(1e30f, 1e30f),
        Reason.NOT_FINITE,
        null);
  }

  /**
   * Its {@code start} and {@code end} have no effect, and it does not reset the idle timeout of its
   * key.
   */
  @Test
  void aRejectedTokenNeitherStartsNorEndsNorProlongsASequence() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.words(directory))
            .withIdleTimeout(Duration.ofMillis(1600));
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.t(Token.of("k", "cat"))).isEqualTo(1);
      assertThat(harness.process(word("zebra").first())).isEmpty();
      assertThat(harness.process(word("zebra").last())).isEmpty();
      assertThat(harness.t(Token.of("k", "sat"))).isEqualTo(2);
      harness.time(1599);
      assertThat(harness.process(word("zebra"))).isEmpty();
      assertThat(harness.entries()).isEqualTo(1);
      harness.time(1600);
      assertThat(harness.entries()).isZero();
      assertThat(harness.process(word("zebra"))).isEmpty();
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
      assertThat(harness.rejected()).hasSize(4);
      assertThat(harness.metrics().count("reason.unknown-token.rejected")).isEqualTo(4);
    }
  }

  /** good, bad, good, and another key: the same bits as without the bad one. */
  private static void assertRejectedWithoutATrace(
      RnnFunction<String, Token, Prediction> recurrence,
      Token good,
      Token bad,
      Reason reason,
      String json)
      throws Exception {
    Token neighbour =
        new Token("n", good.token(), good.features(), null, null, false, false, null, null);
    try (RnnHarness with = RnnHarness.open(recurrence);
        RnnHarness without = RnnHarness.open(recurrence)) {
      assertThat(with.step(good)).isEqualTo(without.step(good));
      assertThat(with.process(bad)).isEmpty();
      assertThat(with.step(neighbour)).isEqualTo(without.step(neighbour));
      assertThat(with.process(bad)).isEmpty();
      assertThat(with.t(good)).isEqualTo(2);
      assertThat(without.t(good)).isEqualTo(2);
      assertThat(with.step(good)).isEqualTo(without.step(good));
      assertThat(with.step(neighbour)).isEqualTo(without.step(neighbour));
      assertThat(with.entries()).isEqualTo(2);

      assertThat(with.rejected()).hasSize(2);
      for (RejectedRecord rejected : with.rejected()) {
        assertThat(rejected.reason()).isEqualTo(reason);
        assertThat(rejected.detail()).isNotEmpty().doesNotContain("\n");
        assertThat(rejected.record().key()).isEqualTo("k".getBytes(StandardCharsets.UTF_8));
        assertThat(rejected.record().origin()).isEqualTo(ORIGIN);
        assertThat(rejected.record().length()).isEqualTo(rejected.record().value().length);
        if (json != null) {
          assertThat(text(rejected)).isEqualTo(json);
        }
      }
      assertThat(without.rejected()).isEmpty();
      assertThat(with.metrics().count("reason." + reason.text() + ".rejected")).isEqualTo(2);
      assertThat(with.metrics().count("steps")).isEqualTo(5);
    }
  }

  private static Token word(String word) {
    return new Token("k", word, null, null, null, false, false, null, ORIGIN);
  }

  private static Token features(float... features) {
    return new Token("k", null, features, null, null, false, false, null, ORIGIN);
  }

  private static String text(RejectedRecord rejected) {
    return new String(rejected.record().value(), StandardCharsets.UTF_8);
  }
}
