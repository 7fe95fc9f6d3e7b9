package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.network.Agreement;
import io.github.flinkrnn.network.SeededNetwork;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operators that the benchmark compares make the same predictions in a job. */
class CandidateITCase {
  private TemporaryFiles files;
  private LocalFlink flink;

  @BeforeEach
  void start() throws Exception {
    files = new TemporaryFiles();
    flink = new LocalFlink("hashmap", 1, files.create("flink"));
  }

  @AfterEach
  void stop() {
    flink.close();
    files.close();
  }

  private OperatorRun run(OperatorCase where) {
    return new OperatorRun(flink, where, where.network().input(), true);
  }

  /** All but the no-op operator. */
  private List<Candidate> candidates(OperatorCase where, long seed) throws Exception {
    return Candidate.all(new SeededNetwork(where.network(), seed), files).subList(1, 7);
  }

  @Test
  void allAgreeForEveryNetwork() throws Exception {
    for (String network : new String[] {"rnn-64-32", "lstm-64-32", "gru-64-32", "lstm-256-128"}) {
      OperatorCase where = first(network);
      List<Candidate> candidates = candidates(where, 1);

      assertThat(candidates)
          .extracting(Candidate::name)
          .containsExactly(
              "ours",
              "ONNX Runtime",
              "ONNX Runtime pinned",
              "ONNX Runtime batched",
              "ours, one by one",
              "ours, without cache");
      assertThat(run(where).agreement(candidates, network))
          .isGreaterThan(0) // because two computations are compared
          .isLessThan(Agreement.TOLERANCE);
    }
  }

  @Test
  void anotherModelIsFoundAtItsFirstStep() throws Exception {
    OperatorCase where = first("gru-64-32");
    Candidate ours = candidates(where, 1).get(0);
    Candidate other = candidates(where, 2).get(3);

    assertThatThrownBy(() -> run(where).agreement(List.of(ours, other), "other"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "GRU 64/32, ONNX Runtime batched, key-0: the predictions of step 1 differ by 0.");
  }

  private static OperatorCase first(String network) {
    return OperatorCase.all().stream().filter(c -> c.isChosenBy(network)).findFirst().orElseThrow();
  }
}
