package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A short form of {@code jobs/simulate.sh}, which runs a million histories. */
class SimulationTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"rules, 20000", "heap, 2000", "rocksdb, 10"})
  void noHistoryFails(String depth, int histories) throws Exception {
    try (Simulation simulation = new Simulation(directory)) {
      for (int seed = 1; seed <= histories; seed++) {
        simulation.run(seed, Simulate.DEPTHS.get(depth));
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameHistory() {
    assertThat(SimulatedHistory.of(7).text()).isEqualTo(SimulatedHistory.of(7).text());
    assertThat(SimulatedHistory.of(8).text()).isNotEqualTo(SimulatedHistory.of(7).text());
  }

  @Test
  void theCommandRejectsUnknownArguments() throws Exception {
    assertThat(Simulate.run("--depth", "sea")).isEqualTo(2);
    assertThat(Simulate.run("--histories", "many")).isEqualTo(2);
    assertThat(Simulate.run("--histories", "-1")).isEqualTo(2);
    assertThat(Simulate.run("--histories", "50", "--seed", "3")).isZero();
  }
}
