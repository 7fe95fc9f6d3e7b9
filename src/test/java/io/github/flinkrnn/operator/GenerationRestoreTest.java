package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Generated words are the same at each replay, wherever and whenever the operator runs. */
class GenerationRestoreTest {
  private final List<Token> tokens = tokens();

  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> recurrence;
  private Map<String, List<String>> expected;

  @BeforeEach
  void runWithoutAStop() throws Exception {
    recurrence =
        RnnFunction.of(model().toString())
            .with(SequenceOptions.DEFAULT.withGeneration(new Generation("c", 12, 1.5, 99)))
            .withFields(OutputField.TOKEN, OutputField.LOGITS);
    try (Subtasks whole = Subtasks.open(recurrence, 1)) {
      whole.process(tokens);
      expected = whole.byKey(GenerationRestoreTest::shown);
    }
    assertThat(expected).hasSize(7);
    long generated =
        expected.values().stream().flatMap(List::stream).filter(each -> each.endsWith("*")).count();
    assertThat(generated).isBetween(60L, 400L);
  }

  /** The words that this model generates depend on all earlier tokens. */
  private Path model() throws IOException {
    ModelDirectory.cycle(directory);
    return ModelDirectory.write(
        directory,
        "{\"input\": {\"type\": \"vocabulary\"}}",
        "{\"Waa\": [[0.5, -0.25], [0.125, 0.75]],"
            + " \"Wax\": [[1, -1, 0.5, 0.25], [-0.5, 0.25, 1, -1]],"
            + " \"Wya\": [[1, -2], [-1, 0.5], [0.5, 1], [-0.25, 0.5]]}");
  }

  private static String shown(Prediction each) {
    StringBuilder text = new StringBuilder().append(each.t()).append(' ').append(each.token());
    for (float z : each.logits()) {
      text.append(' ').append(Float.toHexString(z));
    }
    return text.append(each.generated() ? "*" : "").toString();
  }

  @Test
  void isTheSameOnAnotherHarness() throws Exception {
    try (Subtasks again = Subtasks.open(recurrence, 1)) {
      again.process(tokens);
      assertThat(again.byKey(GenerationRestoreTest::shown)).isEqualTo(expected);
    }
  }

  @Test
  void isTheSameAfterARestoreAtAnyToken() throws Exception {
    for (int cut = 1; cut < tokens.size(); cut += 5) {
      assertThat(run(cut, 1, 1)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "3, 3", "3, 1"})
  void isTheSameAtAnyParallelism(int from, int to) throws Exception {
    for (int cut = 0; cut <= tokens.size(); cut += tokens.size() / 2) {
      assertThat(run(cut, from, to)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  private Map<String, List<String>> run(int cut, int from, int to) throws Exception {
    Map<String, List<String>> came = new TreeMap<>();
    OperatorSubtaskState snapshot;
    try (Subtasks before = Subtasks.open(recurrence, from)) {
      before.process(tokens.subList(0, cut));
      snapshot = before.snapshot();
      before.addTo(came, GenerationRestoreTest::shown);
    }
    try (Subtasks after = Subtasks.restore(recurrence, snapshot, from, to)) {
      after.process(tokens.subList(cut, tokens.size()));
      after.addTo(came, GenerationRestoreTest::shown);
    }
    return came;
  }

  private static List<Token> tokens() {
    Random random = new Random(31);
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String word = List.of("a", "b", "c", "<end>").get(random.nextInt(4));
      boolean end = random.nextInt(6) == 0;
      boolean generate = random.nextInt(6) == 0;
      String key = "k" + random.nextInt(7);
      tokens.add(new Token(key, word, null, null, null, null, false, end, generate, null, null));
    }
    return tokens;
  }
}
