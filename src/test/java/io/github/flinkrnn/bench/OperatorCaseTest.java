package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code --only} chooses. */
class OperatorCaseTest {
  private static List<String> chosen(List<OperatorCase> cases, String option) {
    return cases.stream().filter(c -> c.isChosenBy(option)).map(OperatorCase::toString).toList();
  }

  @Test
  void aNetworkChoosesAllItsCases() {
    assertThat(chosen(OperatorCase.all(), "lstm-64-32"))
        .containsExactly("LSTM 64/32, hashmap, 1 slot, 10000 keys");
    assertThat(chosen(OperatorCase.all(), "rnn-64-32"))
        .hasSize(9)
        .contains("RNN 64/32, rocksdb, 2 slots, 1000000 keys");
  }

  @Test
  void aBackendWithSlotsAndKeysChoosesTheRnnOnly() {
    assertThat(chosen(OperatorCase.all(), "hashmap, 1 slot, 10000 keys"))
        .containsExactly("RNN 64/32, hashmap, 1 slot, 10000 keys");
    assertThat(chosen(OperatorCase.all(), "hashmap")).isEmpty();
  }

  @Test
  void everyCaseCanBeChosenAndAQuickRunHasAllNetworks() {
    for (List<OperatorCase> cases : List.of(OperatorCase.all(), OperatorCase.quick())) {
      assertThat(OperatorCase.options(cases))
          .contains("rnn-64-32", "lstm-64-32", "gru-64-32", "lstm-256-128")
          .allSatisfy(option -> assertThat(chosen(cases, option)).isNotEmpty());
    }
  }
}
