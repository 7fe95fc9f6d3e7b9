package io.github.flinkrnn.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * A path from which a job is to resume: a savepoint, a checkpoint, or the metadata file in one. A
 * checkpoint is complete when it has this file, which Flink writes last.
 */
final class SavepointPath {
  private static final String METADATA = "_metadata";
  private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d{1,18})");

  private final Path path;
  private final FileSystem files;

  /**
   * @throws IOException if this machine does not know the file system
   * @throws IllegalArgumentException if it is not a path
   */
  SavepointPath(String path) throws IOException {
    this.path = new Path(path);
    this.files = this.path.getFileSystem();
  }

  /**
   * What is wrong with the path, if anything. Names the newest complete checkpoint in its
   * directory.
   *
   * @throws IOException if the file system does not answer
   */
  Optional<String> problem() throws IOException {
    if (files.exists(path) && (!files.getFileStatus(path).isDir() || isComplete(path))) {
      return Optional.empty();
    }
    Path named = path.getName().equals(METADATA) ? path.getParent() : path;
    boolean isCheckpoint = CHECKPOINT.matcher(named.getName()).matches();
    Path directory = isCheckpoint ? named.getParent() : named;
    String found = files.exists(named) ? "found a directory without " + METADATA : "found none";
    String expected = "expected a complete savepoint or checkpoint, " + found;
    return Optional.of(
        newest(directory)
            .map(newest -> expected + "; the newest complete checkpoint there is " + newest)
            .orElse(expected));
  }

  private boolean isComplete(Path checkpoint) throws IOException {
    return files.exists(new Path(checkpoint, METADATA));
  }

  private Optional<Path> newest(Path directory) throws IOException {
    List<Path> checkpoints =
        Stream.of(entries(directory))
            .map(FileStatus::getPath)
            .filter(entry -> number(entry) >= 0)
            .sorted(Comparator.comparingLong(SavepointPath::number).reversed())
            .toList();
    for (Path checkpoint : checkpoints) {
      if (isComplete(checkpoint)) {
        return Optional.of(checkpoint);
      }
    }
    return Optional.empty();
  }

  private FileStatus[] entries(Path directory) throws IOException {
    try {
      FileStatus[] entries = files.listStatus(directory);
      return entries == null ? new FileStatus[0] : entries;
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  private static long number(Path checkpoint) {
    Matcher name = CHECKPOINT.matcher(checkpoint.getName());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }
}
