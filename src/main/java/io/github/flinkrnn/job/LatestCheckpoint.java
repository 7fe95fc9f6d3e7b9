package io.github.flinkrnn.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Finds where a job goes on: at the newest of its complete savepoints and checkpoints.
 *
 * <p>A checkpoint does not say of which job it is, and all jobs have the same uids, so that a job
 * could go on from the checkpoint of another without an error. Hence the job must have a directory
 * of checkpoints of its own. In it, each run has a directory with the id of the run, which Flink
 * never deletes. The directory of savepoints may be shared: the name of a savepoint begins with the
 * id of its run.
 *
 * <p>A run that ended with a savepoint elsewhere leaves no checkpoint, and to go on from an older
 * run would repeat its predictions. Flink creates {@code taskowned} when a run starts, and changes
 * the run's directory again with each checkpoint, so its time tells that the run had begun one.
 * Stores without times of directories do not tell.
 */
final class LatestCheckpoint {
  /** The value of {@code --from} that asks for it. */
  static final String WORD = "latest";

  /** The file that Flink writes last. */
  private static final String METADATA = "_metadata";

  /** What Flink creates when a run starts. */
  private static final String AT_START = "taskowned";

  /** Flink creates several directories at the start of a run. */
  private static final long START_MILLIS = 1000;

  private static final Pattern RUN = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern SAVEPOINT = Pattern.compile("savepoint-([0-9a-f]{6})-.*");
  private static final String OPTION = "--from " + WORD + ": ";

  private final String job;
  private final List<Found> found = new ArrayList<>();

  private record Found(Path path, long writtenMillis) {
    boolean isOf(Path run) {
      Matcher savepoint = SAVEPOINT.matcher(path.getName());
      return savepoint.matches()
          ? run.getName().startsWith(savepoint.group(1))
          : path.getParent().equals(run);
    }
  }

  private LatestCheckpoint(String job) {
    this.job = job;
  }

  /**
   * @param job the name of the job
   * @param flink the options that the job will have, those of the cluster included
   * @return its path; empty if the job never ran
   * @throws UsageException if the directory of checkpoints is missing or may be that of other jobs,
   *     or if the job ran but left nothing complete: it must not silently begin again
   */
  static Optional<String> of(String job, ReadableConfig flink) {
    return new LatestCheckpoint(job).find(flink);
  }

  private Optional<String> find(ReadableConfig flink) {
    Path checkpoints = checkpoints(flink);
    Set<String> runs = addCheckpoints(checkpoints);
    flink
        .getOptional(CheckpointingOptions.SAVEPOINT_DIRECTORY)
        .ifPresent(savepoints -> addSavepoints(new Path(savepoints), runs));
    Optional<Found> newest =
        found.stream()
            .max(
                Comparator.comparingLong(Found::writtenMillis)
                    .thenComparing(one -> number(one.path().getName())));
    if (newest.isEmpty() && !runs.isEmpty()) {
      throw new UsageException(
          OPTION
              + checkpoints
              + ": the job ran before, but left no complete savepoint or checkpoint; expected the"
              + " path of one, or a start without --from, which reads the source from source.start");
    }
    newest.ifPresent(one -> expectNoLaterRun(checkpoints, one));
    return newest.map(one -> one.path().toString());
  }

  /** Expects that each run that made checkpoints after the newest one that is there left one. */
  private void expectNoLaterRun(Path checkpoints, Found newest) {
    for (Path run : directories(checkpoints)) {
      if (RUN.matcher(run.getName()).matches()
          && found.stream().noneMatch(one -> one.isOf(run))
          && lastChangeAfterStart(run) > newest.writtenMillis()) {
        throw new UsageException(
            OPTION
                + run
                + ": this run began checkpoints after "
                + newest.path()
                + ", but left none; expected the path of its savepoint (--from PATH, or"
                + " FLINK_RNN_FROM for submit.sh), or that of this checkpoint if it has none");
      }
    }
  }

  /** When a run's directory changed last; 0 if that was at its start, or is not known. */
  private static long lastChangeAfterStart(Path run) {
    Path atStart = new Path(run, AT_START);
    try {
      FileSystem files = run.getFileSystem();
      if (!files.exists(atStart)) {
        return 0;
      }
      long change = files.getFileStatus(run).getModificationTime();
      long start = files.getFileStatus(atStart).getModificationTime();
      return change > start + START_MILLIS ? change : 0;
    } catch (IOException e) {
      throw notReadable(run, e);
    }
  }

  private Path checkpoints(ReadableConfig flink) {
    String option = OPTION + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key();
    String directory =
        flink
            .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
            .orElseThrow(
                () -> new UsageException(option + ": missing: expected a directory of this job"));
    Path path = new Path(directory);
    if (!Arrays.asList(path.toUri().getPath().split("/", -1)).contains(job)) {
      throw new UsageException(
          option
              + ": expected a directory of this job, with '"
              + job
              + "' as a part of its path, found "
              + directory);
    }
    return path;
  }

  /**
   * Adds the complete checkpoints of each run.
   *
   * @return the ids of the runs
   */
  private Set<String> addCheckpoints(Path directory) {
    Set<String> runs = new HashSet<>();
    for (Path run : directories(directory)) {
      if (RUN.matcher(run.getName()).matches()) {
        runs.add(run.getName());
        directories(run).forEach(this::add);
      }
    }
    return runs;
  }

  private void addSavepoints(Path directory, Set<String> runs) {
    for (Path savepoint : directories(directory)) {
      Matcher name = SAVEPOINT.matcher(savepoint.getName());
      if (name.matches() && runs.stream().anyMatch(run -> run.startsWith(name.group(1)))) {
        add(savepoint);
      }
    }
  }

  /** The directories in a directory; none if it does not exist. */
  private static List<Path> directories(Path directory) {
    try {
      FileSystem files = directory.getFileSystem();
      FileStatus[] entries = files.exists(directory) ? files.listStatus(directory) : null;
      return entries == null
          ? List.of()
          : Arrays.stream(entries).filter(FileStatus::isDir).map(FileStatus::getPath).toList();
    } catch (IOException e) {
      throw notReadable(directory, e);
    }
  }

  /** Adds a savepoint or checkpoint, if it is complete. */
  private void add(Path directory) {
    Path metadata = new Path(directory, METADATA);
    try {
      FileSystem files = directory.getFileSystem();
      if (files.exists(metadata)) {
        found.add(new Found(directory, files.getFileStatus(metadata).getModificationTime()));
      }
    } catch (IOException e) {
      throw notReadable(metadata, e);
    }
  }

  private static UsageException notReadable(Path path, IOException cause) {
    return new UsageException(OPTION + path + ": not readable: " + cause.getMessage());
  }

  /** Of checkpoints that were written in the same moment, {@code chk-10} follows {@code chk-9}. */
  private static long number(String name) {
    String digits = name.replaceFirst("^.*?(\\d{1,18})$", "$1");
    return digits.equals(name) ? 0 : Long.parseLong(digits);
  }
}
