package io.github.flinkrnn.local;

import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a job is that a command names. */
final class JobPlace {
  private JobPlace() {}

  /**
   * A job file, the one in a directory, or the one of a name.
   *
   * @param jobs where names are looked for
   * @throws UsageException when there is none
   */
  static Path find(String name, Path jobs) throws IOException {
    Path given = Path.of(name);
    for (Path path : List.of(given, jobs.resolve(given))) {
      if (Files.isRegularFile(path)) {
        return path;
      }
      if (Files.isRegularFile(path.resolve("job.yaml"))) {
        return path.resolve("job.yaml");
      }
    }
    List<String> names = names(jobs);
    String there = names.isEmpty() ? "" : "; jobs: " + String.join(", ", names);
    throw new UsageException(
        name
            + ": expected a job file or a directory with a job.yaml"
            + Nearest.hint(name, names)
            + there);
  }

  private static List<String> names(Path jobs) throws IOException {
    if (!Files.isDirectory(jobs)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(jobs)) {
      return entries
          .filter(entry -> Files.isRegularFile(entry.resolve("job.yaml")))
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
