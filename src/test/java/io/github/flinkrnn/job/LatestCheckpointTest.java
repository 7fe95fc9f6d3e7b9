package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestCheckpointTest {
  private static final String FIRST_RUN = "0a".repeat(16);
  private static final String SECOND_RUN = "1b".repeat(16);

  @TempDir private Path directory;

  private Path checkpoints;
  private Path savepoints;
  private final Configuration flink = new Configuration();

  @BeforeEach
  void configure() {
    checkpoints = directory.resolve("tags");
    savepoints = directory.resolve("savepoints");
    flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    flink.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, savepoints.toUri().toString());
  }

  @Test
  void aJobThatNeverRanHasNone() {
    assertThat(LatestCheckpoint.of("tags", flink)).isEmpty();
  }

  @Test
  void isTheNewestOfAllRunsWhateverItsKind() throws IOException {
    complete(checkpoints.resolve(FIRST_RUN).resolve("chk-9"), 1_000);
    assertLatest(checkpoints.resolve(FIRST_RUN).resolve("chk-9"));
    complete(savepoints.resolve("savepoint-0a0a0a-1"), 2_000);
    assertLatest(savepoints.resolve("savepoint-0a0a0a-1"));
    complete(checkpoints.resolve(SECOND_RUN).resolve("chk-2"), 3_000);
    assertLatest(checkpoints.resolve(SECOND_RUN).resolve("chk-2"));
  }

  @Test
  void whatIsIncompleteOrSharedDoesNotCount() throws IOException {
    complete(checkpoints.resolve(FIRST_RUN).resolve("chk-9"), 1_000);
    Files.createDirectories(checkpoints.resolve(FIRST_RUN).resolve("chk-10"));
    Files.createDirectories(checkpoints.resolve(FIRST_RUN).resolve("shared"));
    Files.createDirectories(savepoints.resolve("savepoint-0a0a0a-1"));
    Files.writeString(checkpoints.resolve("a-file"), "");

    assertLatest(checkpoints.resolve(FIRST_RUN).resolve("chk-9"));
  }

  @Test
  void ofTheSameMomentItIsTheOneWithTheHigherNumber() throws IOException {
    for (int number : new int[] {9, 11, 10}) {
      complete(checkpoints.resolve(FIRST_RUN).resolve("chk-" + number), 1_000);
    }

    assertLatest(checkpoints.resolve(FIRST_RUN).resolve("chk-11"));
  }

  /** All jobs of a cluster have one directory of savepoints. */
  @Test
  void aSavepointOfAnotherJobDoesNotCount() throws IOException {
    complete(checkpoints.resolve(FIRST_RUN).resolve("chk-9"), 1_000);
    complete(savepoints.resolve("savepoint-1b1b1b-1"), 2_000);
    complete(checkpoints.resolve("somewhere-else/chk-10"), 2_000);

    assertLatest(checkpoints.resolve(FIRST_RUN).resolve("chk-9"));
  }

  /** Its savepoint was moved, perhaps. Beginning again would repeat all predictions. */
  @Test
  void aJobThatRanAndLeftNothingCompleteDoesNotBeginAgain() throws IOException {
    Files.createDirectories(checkpoints.resolve(FIRST_RUN).resolve("chk-1"));

    assertThatThrownBy(() -> LatestCheckpoint.of("tags", flink))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(
            "--from latest: file:" + checkpoints + ": the job ran before, but left no");
  }

  /** Its savepoint is elsewhere, so the older run's checkpoint would repeat its predictions. */
  @Test
  void aLaterRunThatBeganCheckpointsAndLeftNoneIsNamed() throws IOException {
    complete(checkpoints.resolve(FIRST_RUN).resolve("chk-9"), 1_000);
    Path later = checkpoints.resolve(SECOND_RUN);
    run(later, 5_000, 90_000);

    assertThatThrownBy(() -> LatestCheckpoint.of("tags", flink))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--from latest: file:"
                + later
                + ": this run began checkpoints after file:"
                + checkpoints.resolve(FIRST_RUN).resolve("chk-9")
                + ", but left none; expected the path of its savepoint (--from PATH, or"
                + " FLINK_RNN_FROM for submit.sh), or that of this checkpoint if it has none");

    complete(savepoints.resolve("savepoint-1b1b1b-1"), 90_000);
    assertLatest(savepoints.resolve("savepoint-1b1b1b-1"));
  }

  @Test
  void aLaterRunThatBeganNoCheckpointDoesNotMatter() throws IOException {
    complete(checkpoints.resolve(FIRST_RUN).resolve("chk-9"), 1_000);
    run(checkpoints.resolve(SECOND_RUN), 5_000, 5_010);

    assertLatest(checkpoints.resolve(FIRST_RUN).resolve("chk-9"));
  }

  /** The newest checkpoint is of a run that was resumed from its savepoint. */
  @Test
  void anEarlierRunThatLeftNothingDoesNotMatter() throws IOException {
    run(checkpoints.resolve(FIRST_RUN), 1_000, 5_000);
    complete(checkpoints.resolve(SECOND_RUN).resolve("chk-12"), 9_000);

    assertLatest(checkpoints.resolve(SECOND_RUN).resolve("chk-12"));
  }

  private static void run(Path run, long startMillis, long changedMillis) throws IOException {
    Path atStart = Files.createDirectories(run.resolve("taskowned"));
    Files.setLastModifiedTime(atStart, FileTime.fromMillis(startMillis));
    Files.setLastModifiedTime(run, FileTime.fromMillis(changedMillis));
  }

  @Test
  void directoriesThatMayHoldCheckpointsOfOtherJobsAreRejected() {
    assertThatThrownBy(() -> LatestCheckpoint.of("other", flink))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--from latest: execution.checkpointing.dir: expected a directory of this job, with"
                + " 'other' as a part of its path, found "
                + checkpoints.toUri());
    flink.removeConfig(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
    assertThatThrownBy(() -> LatestCheckpoint.of("tags", flink))
        .hasMessage(
            "--from latest: execution.checkpointing.dir: missing: expected a directory of this"
                + " job");
  }

  @Test
  void aDirectoryThatCannotBeReadIsNamed() {
    flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "unknown://bucket/tags");

    assertThatThrownBy(() -> LatestCheckpoint.of("tags", flink))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("--from latest: unknown://bucket/tags: not readable: ");
  }

  private void assertLatest(Path expected) {
    assertThat(LatestCheckpoint.of("tags", flink)).contains("file:" + expected);
  }

  private static void complete(Path checkpoint, long writtenMillis) throws IOException {
    Path metadata = Files.createDirectories(checkpoint).resolve("_metadata");
    Files.writeString(metadata, "");
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(writtenMillis));
  }
}
