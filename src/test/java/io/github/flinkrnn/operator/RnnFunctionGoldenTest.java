package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator computes the same as the model, for each of many interleaved keys. */
class RnnFunctionGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"rnn-tanh", "course-rnn"})
  void predictsInterleavedKeysBitForBitAsOneStepperDoes(String name) throws Exception {
    GoldenCase golden = GoldenCase.of(name);
    SequentialReference reference = new SequentialReference(golden.load());
    Set<String> keys = new HashSet<>();
    try (RnnHarness harness = RnnHarness.open(golden.recurrence())) {
      for (Token token : golden.tokens()) {
        keys.add(token.key());
        assertThat(harness.step(token)).isEqualTo(reference.step(token));
        assertThat(harness.entries()).isEqualTo(keys.size());
        assertThat(harness.timers()).isZero();
      }
    }
    assertThat(keys).hasSizeGreaterThan(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rnn-tanh", "course-rnn"})
  void predictsWhatTheReferenceComputed(String name) throws Exception {
    GoldenCase golden = GoldenCase.of(name);
    Offset<Float> close = Offset.offset(GoldenCase.TOLERANCE);
    assertThat(golden.tokens()).hasSameSizeAs(golden.expected()).isNotEmpty();
    try (RnnHarness harness = RnnHarness.open(golden.recurrence())) {
      for (int i = 0; i < golden.tokens().size(); i++) {
        GoldenCase.Expected expected = golden.expected().get(i);
        Prediction actual = harness.process(golden.tokens().get(i)).get(0);
        assertThat(actual.key()).isEqualTo(expected.key());
        assertThat(actual.t()).isEqualTo(expected.t());
        assertThat(actual.prediction()).containsExactly(expected.prediction(), close);
        assertThat(actual.hidden()).containsExactly(expected.hidden(), close);
      }
    }
  }
}
