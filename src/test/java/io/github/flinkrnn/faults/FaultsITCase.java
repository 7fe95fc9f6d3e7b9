package io.github.flinkrnn.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code jobs/faults.sh}: what takes least time and no rights. */
class FaultsITCase {
  @TempDir private Path directory;

  @Test
  void nothingIsLostRepeatedOrChanged() throws Exception {
    List<Fault> kinds =
        List.of(
            new KillBroker(),
            new PoisonRecords(),
            new FutureTokens(),
            new LargePrediction(),
            new Rescale());
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    FaultSuite suite =
        new FaultSuite(
            new FaultSuite.Options(
                kinds, kinds.size(), 3, 300, directory, Optional.empty(), Optional.empty()),
            new PrintStream(table, true, StandardCharsets.UTF_8));

    List<FaultRow> rows = suite.run();

    assertThat(rows)
        .as("%s", table)
        .allSatisfy(row -> assertThat(row.counts()).isEqualTo(Counts.NONE));
    assertThat(rows)
        .extracting(FaultRow::fault)
        .containsExactlyInAnyOrder(
            "kill-broker",
            "poison-record",
            "future-token",
            "large-prediction",
            "rescale 2→1",
            "after all",
            "after all, read again");
    assertThat(suite.tokens()).isGreaterThan(1000);
  }
}
