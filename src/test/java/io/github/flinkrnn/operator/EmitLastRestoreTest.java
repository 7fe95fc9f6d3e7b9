package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The last step of each sequence is emitted once, wherever the job is stopped and restored, at any
 * parallelism.
 */
class EmitLastRestoreTest {
  private static final int KEYS = 9;

  private final List<Token> tokens = tokens();
  private final Map<String, List<StepBits>> expected = new TreeMap<>();
  private RnnFunction<String, Token, Prediction> recurrence;

  @BeforeEach
  void takeTheStepsOneAfterAnother() throws IOException {
    GoldenCase golden = GoldenCase.of("rnn-tanh");
    recurrence =
        RnnFunction.of(golden.model().toString())
            .with(GoldenCase.NUMBERS.withEmit(Emit.of(Emit.When.LAST)));
    SequentialReference reference = new SequentialReference(golden.load());
    Map<String, StepBits> open = new TreeMap<>();
    for (Token token : tokens) {
      StepBits step = reference.step(token);
      StepBits before = open.put(token.key(), step);
      if (token.start() && before != null) {
        add(before);
      }
      if (token.end()) {
        add(step);
        open.remove(token.key());
      }
    }
    assertThat(open).as("ended by the end of the stream").hasSizeGreaterThan(2);
    open.values().forEach(this::add);
    assertThat(expected).hasSize(KEYS);
    assertThat(expected.values().stream().mapToInt(List::size).sum()).isBetween(20, 80);
  }

  private void add(StepBits last) {
    expected.computeIfAbsent(last.key(), key -> new ArrayList<>()).add(last);
  }

  @Test
  void acrossARestoreAtAnyToken() throws Exception {
    for (int cut = 0; cut <= tokens.size(); cut += 3) {
      assertThat(run(cut, 1, 1)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "3, 1", "3, 2"})
  void acrossARescaling(int from, int to) throws Exception {
    for (int cut = 20; cut < tokens.size(); cut += 40) {
      assertThat(run(cut, from, to)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  private Map<String, List<StepBits>> run(int cut, int from, int to) throws Exception {
    Map<String, List<StepBits>> came = new TreeMap<>();
    OperatorSubtaskState snapshot;
    int entries;
    try (Subtasks before = Subtasks.open(recurrence, from)) {
      before.process(tokens.subList(0, cut));
      snapshot = before.snapshot();
      entries = before.sum(RnnHarness::entries);
      assertThat(before.sum(RnnHarness::eventTimers)).as("one per sequence").isEqualTo(entries);
      before.addTo(came, StepBits::of);
    }
    try (Subtasks after = Subtasks.restore(recurrence, snapshot, from, to)) {
      assertThat(after.sum(RnnHarness::entries)).isEqualTo(entries);
      after.process(tokens.subList(cut, tokens.size()));
      after.endOfInput();
      assertThat(after.sum(RnnHarness::entries)).as("state entries").isZero();
      assertThat(after.sum(RnnHarness::timers)).as("timers").isZero();
      assertThat(after.sum(RnnHarness::eventTimers)).as("timers of event time").isZero();
      after.addTo(came, StepBits::of);
    }
    return came;
  }

  private static List<Token> tokens() {
    Random random = new Random(17);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      float[] features = {
        (float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian()
      };
      Token token = Token.of("k" + random.nextInt(KEYS), features);
      token = random.nextInt(8) == 0 ? token.first() : token;
      tokens.add(random.nextInt(8) == 0 ? token.last() : token);
    }
    return tokens;
  }
}
