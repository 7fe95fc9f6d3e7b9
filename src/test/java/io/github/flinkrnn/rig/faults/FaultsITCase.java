package io.github.flinkrnn.rig.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.Launcher;
import io.github.flinkrnn.rig.cluster.Cluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exactly-once on real processes, as {@code jobs/faults.sh} checks it, with the faults that need
 * little time and no privileges. The job jar is submitted as the README says, its state is in
 * RocksDB with incremental checkpoints, and a TaskManager, the JobManager and a broker are killed.
 * Then the commands of an operator run on the same cluster.
 */
class FaultsITCase {
  private static final List<Fault> KINDS =
      List.of(
          new KillTaskManager(),
          new KillInCheckpoint(),
          new KillJobManager(),
          new KillBroker(),
          new PoisonRecords(),
          new FutureTokens(),
          new LargePrediction(),
          new Rescale());

  @TempDir private Path directory;
  private FaultSuite suite;

  @Test
  void nothingIsLostRepeatedOrChanged() throws Exception {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    suite =
        new FaultSuite(
            new FaultSuite.Options(
                KINDS,
                KINDS.size(),
                3,
                300,
                -1,
                List.of(),
                directory,
                Optional.empty(),
                Optional.empty()),
            new PrintStream(table, true, StandardCharsets.UTF_8));
    try (Cluster cluster = suite.startCluster()) {
      List<FaultRow> rows = suite.run(cluster);

      assertThat(rows)
          .as("%s", table)
          .allSatisfy(row -> assertThat(row.counts()).isEqualTo(Counts.NONE));
      assertThat(rows)
          .extracting(FaultRow::fault)
          .containsExactlyInAnyOrder(
              "kill-taskmanager",
              "kill-in-checkpoint",
              "kill-jobmanager",
              "kill-broker",
              "poison-record",
              "future-token",
              "large-prediction",
              "rescale 2→1",
              "after all",
              "after all, read again");
      assertThat(suite.tokens()).isGreaterThan(1000);
      assertThat(sharedFiles()).as("files that several checkpoints share").isPositive();
      expectCommands(cluster.flink().address());
    }
  }

  /** Only incremental checkpoints have shared files. */
  private long sharedFiles() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("checkpoints"))) {
      return files.filter(file -> file.getParent().endsWith("shared")).count();
    }
  }

  private void expectCommands(String address) throws Exception {
    Launcher launcher = new Launcher(directory);
    String job = suite.jobFile().toString();
    String submit = "--submit=" + address;

    Launcher.Run again = launcher.run(job, submit);
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.stderr())
        .last()
        .asString()
        .contains("the job '" + FaultSuite.NAME + "' is already running, as ");

    Launcher.Run stop = launcher.run(job, "--stop=" + address);
    assertThat(stop.status()).as("%s", stop.stderr()).isZero();
    assertThat(stop.stdout()).singleElement().asString().startsWith("file:");
    assertThat(stop.stderr()).contains("status   FINISHED");

    Launcher.Run nowhere = launcher.run(job, submit, "--from=" + directory + "/nowhere");
    assertThat(nowhere.status()).isEqualTo(2);
    assertThat(nowhere.stderr())
        .last()
        .asString()
        .endsWith("/nowhere: expected a complete savepoint or checkpoint, found none");

    // The JobManager receives the reason for the end of a task in serialized form, and does not
    // restart the job.
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Launcher.Run absent =
        launcher.run(job, submit, "--skip-checks", "--set=name=absent", "--model=" + empty);
    assertThat(absent.status()).as("%s", absent.stderr()).isEqualTo(1);
    assertThat(absent.stderr())
        .last()
        .asString()
        .contains("InvalidFileException: " + empty + ": expected one of model.safetensors, ");
  }
}
