package io.github.flinkrnn.rig.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile records through complete jobs on a broker: there is one prediction or dead letter for
 * each.
 */
class FuzzITCase {
  private static final int RECORDS_A_JOB = 400;
  private static final int JOBS = 5;

  @TempDir private Path directory;

  @Test
  void noRecordStopsAJobOrIsLost() throws Exception {
    Path kept = Path.of("target", "fuzz");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    try (Target target = new TopicTarget(directory, RECORDS_A_JOB);
        Watchdog watchdog = new Watchdog(Duration.ofMinutes(5), kept, out, () -> {})) {
      Campaign campaign = new Campaign(20_261_125, kept, out, watchdog);
      Campaign.Result result = campaign.run(target, 0, JOBS * RECORDS_A_JOB);
      assertThat(result.failures()).as("%s", said).isEmpty();
      assertThat(result.count("sent")).isEqualTo(JOBS * RECORDS_A_JOB);
      assertThat(result.count("prediction")).isGreaterThan(100);
      assertThat(result.count("not-json")).isGreaterThan(100);
    }
  }
}
