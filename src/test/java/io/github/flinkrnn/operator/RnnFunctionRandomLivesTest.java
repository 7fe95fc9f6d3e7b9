package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens, ends, silence, rejected tokens and restarts in random order. At each moment the state of
 * the operator is that of {@link SequenceRules}, and at the end it is empty.
 */
class RnnFunctionRandomLivesTest {
  private static final long TIMEOUT = 1600;
  private static final int OPERATIONS = 3000;
  private static final List<String> WORDS = List.of("the", "cat", "sat", "down");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {3, 1000})
  void holdsExactlyTheStateOfTheRules(int keys) throws Exception {
    Path model = ModelDirectory.words(directory);
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(model).withIdleTimeout(Duration.ofMillis(TIMEOUT));
    SequentialReference reference = new SequentialReference(RnnModel.load(model));
    SequenceRules rules = new SequenceRules(TIMEOUT);
    Random random = new Random(20260611 + keys);
    long started = 0;
    long ended = 0;
    long expired = 0;
    long rejected = 0;
    RnnHarness harness = RnnHarness.open(recurrence);
    try {
      for (int operation = 0; operation < OPERATIONS; operation++) {
        String key = "k" + random.nextInt(keys);
        int kind = random.nextInt(100);
        if (kind < 70) {
          Token token = Token.of(key, WORDS.get(random.nextInt(WORDS.size())));
          token = random.nextInt(8) == 0 ? token.first() : token;
          token = random.nextInt(8) == 0 ? token.last() : token;
          long t = rules.token(key, token.start(), token.end());
          if (t == 1) {
            reference.forget(key);
          }
          StepBits expected = reference.step(token);
          assertThat(expected.t()).isEqualTo(t);
          assertThat(harness.step(token)).isEqualTo(expected);
        } else if (kind < 75) {
          Token unreadable = Token.of(key, "zebra");
          List<Prediction> none =
              harness.process(random.nextBoolean() ? unreadable.first() : unreadable.last());
          assertThat(none).isEmpty();
          rejected++;
        } else if (kind < 99) {
          long moment = rules.now + random.nextInt(random.nextBoolean() ? 50 : (int) TIMEOUT);
          rules.time(moment);
          harness.time(moment);
        } else {
          started += harness.metrics().count("sequencesStarted");
          ended += harness.metrics().count("sequencesEnded");
          expired += harness.metrics().count("sequencesExpired");
          rules.wakeAt(rules.now + random.nextInt(2 * (int) TIMEOUT));
          RnnHarness next = RnnHarness.restore(recurrence, harness.snapshot(), rules.now);
          harness.close();
          harness = next;
        }
        assertThat(harness.entries()).as("entries, %d", operation).isEqualTo(rules.held());
        assertThat(harness.timers()).as("timers, %d", operation).isEqualTo(rules.held());
      }
      rules.time(rules.now + 2 * TIMEOUT);
      harness.time(rules.now);
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
      started += harness.metrics().count("sequencesStarted");
      ended += harness.metrics().count("sequencesEnded");
      expired += harness.metrics().count("sequencesExpired");
    } finally {
      harness.close();
    }
    assertThat(started).isEqualTo(rules.started);
    assertThat(ended).isEqualTo(rules.ended);
    assertThat(expired).isEqualTo(rules.expired);
    assertThat(rules.ended + rules.expired).as("every sequence came to an end").isEqualTo(started);
    assertThat(rejected).as("the test restores several times").isGreaterThan(100);
  }

  @Test
  void aThousandSequencesThatEndLeaveNothing() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        GoldenCase.withNumbers(ModelDirectory.words(directory))
            .withIdleTimeout(Duration.ofMillis(TIMEOUT));
    List<String> keys = new ArrayList<>();
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      for (int i = 0; i < 1000; i++) {
        keys.add("k" + i);
        assertThat(harness.t(Token.of("k" + i, "cat"))).isEqualTo(1);
      }
      assertThat(harness.entries()).isEqualTo(1000);
      assertThat(harness.timers()).isEqualTo(1000);
      for (String key : keys) {
        assertThat(harness.t(Token.of(key, "sat").last())).isEqualTo(2);
      }
      assertThat(harness.entries()).isZero();
      assertThat(harness.timers()).isZero();
    }
  }
}
