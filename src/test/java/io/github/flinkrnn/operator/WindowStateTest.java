package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a window keeps, and that no other model or window continues from it. */
class WindowStateTest {
  private static final Token TOKEN = Token.of("k", 1, 2, 3);

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void findTheModel() throws IOException {
    model = GoldenCase.of("rnn-tanh").model();
  }

  private RnnFunction<String, Token, Prediction> window(int tokens) {
    return GoldenCase.withNumbers(model).with(SequenceOptions.DEFAULT.withWindow(tokens));
  }

  /**
   * Three floats per token, at most three tokens. t and the lengths take one byte each while they
   * are below 128.
   */
  @Test
  void holdsAtMostTheTokensOfTheWindow() throws Exception {
    try (RnnHarness harness = RnnHarness.open(window(3))) {
      List<Long> sizes = new ArrayList<>();
      for (int t = 1; t <= 100; t++) {
        assertThat(harness.t(TOKEN)).isEqualTo(t);
        assertThat(harness.entries()).isEqualTo(1);
        sizes.add(bytes(harness.snapshot()));
      }
      long first = sizes.get(0);
      assertThat(sizes.get(1)).isEqualTo(first + 12);
      assertThat(sizes.subList(2, 100)).containsOnly(first + 24);
    }
  }

  private static long bytes(OperatorSubtaskState snapshot) {
    return snapshot.getManagedKeyedState().getStateSize();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 30})
  void goesOnAfterARestore(int cut) throws Exception {
    List<StepBits> steps = new ArrayList<>();
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < 31; i++) {
      tokens.add(Token.of("k", i, -i, 1f / (i + 1)));
    }
    try (RnnHarness whole = RnnHarness.open(window(3));
        RnnHarness before = RnnHarness.open(window(3))) {
      steps.addAll(before.steps(tokens.subList(0, cut)));
      try (RnnHarness after = RnnHarness.restore(window(3), before.snapshot(), 0)) {
        steps.addAll(after.steps(tokens.subList(cut, 31)));
      }
      assertThat(steps).isEqualTo(whole.steps(tokens));
    }
  }

  /**
   * 0 is the carried state. A carried state of 4 floats has as many floats as four tokens of one
   * word each.
   */
  @ParameterizedTest
  @CsvSource({"3, 4", "4, 3", "3, 0", "0, 3", "1, 2", "2, 1"})
  void ofAnotherKindStartsOver(int old, int now) throws Exception {
    for (Path each : new Path[] {model, ModelDirectory.words(directory)}) {
      model = each;
      Token token = each.equals(directory) ? Token.of("k", "cat") : TOKEN;
      OperatorSubtaskState snapshot;
      try (RnnHarness before = RnnHarness.open(window(old))) {
        for (int t = 1; t <= 6; t++) {
          assertThat(before.t(token)).isEqualTo(t);
        }
        snapshot = before.snapshot();
      }
      try (RnnHarness after = RnnHarness.restore(window(now), snapshot, 0);
          RnnHarness fresh = RnnHarness.open(window(now))) {
        for (int t = 1; t <= 6; t++) {
          assertThat(after.step(token)).isEqualTo(fresh.step(token));
          assertThat(after.metrics().count("sequencesOfAnotherModel")).isEqualTo(1);
        }
        assertThat(after.entries()).isEqualTo(1);
        assertThat(after.metrics().count("sequencesStarted")).isEqualTo(1);
        assertThat(after.metrics().count("sequencesEnded")).isZero();
      }
    }
  }

  /** A step that overflows leaves the window unchanged, like a carried state. */
  @Test
  void isLeftAsItWasByATokenThatOverflows() throws Exception {
    model = ModelDirectory.unbounded(directory, "1");
    try (RnnHarness harness = RnnHarness.open(window(2))) {
      StepBits first = harness.step(Token.of("k", 1));
      assertThat(harness.process(Token.of("k", 1e30f))).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      assertThat(harness.rejected().get(0).detail()).isEqualTo("step 2 overflows float32");
      assertThat(harness.t(Token.of("k", 2))).isEqualTo(2);
      assertThat(harness.step(Token.of("k", 1).first())).isEqualTo(first);
    }
  }

  /** The head can be finite although a&lt;t&gt; is not. */
  @ParameterizedTest
  @ValueSource(strings = {"LOGITS", "HIDDEN"})
  void isNeverEmittedWithNumbersThatAreNotFinite(OutputField field) throws Exception {
    ModelDirectory.hiddenOverflow(directory);
    for (int window : new int[] {0, 2}) {
      RnnFunction<String, Token, Prediction> recurrence =
          RnnFunction.of(directory.toString())
              .with(SequenceOptions.DEFAULT.withWindow(window))
              .withFields(field);
      try (RnnHarness harness = RnnHarness.open(recurrence)) {
        List<Prediction> first = harness.process(Token.of("k", 1));
        assertThat(first).hasSize(1);
        assertThat(harness.process(Token.of("k", 1e30f))).as("window %d", window).isEmpty();
        assertThat(harness.rejected()).hasSize(1);
        assertThat(harness.process(Token.of("k", 1)).get(0).t()).isEqualTo(2);
      }
    }
  }
}
