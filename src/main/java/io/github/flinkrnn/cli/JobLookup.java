package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the job file of a command. */
final class JobLookup {
  private JobLookup() {}

  /**
   * Finds a job file by its path, by its directory, or by the name of a directory in {@code jobs/}.
   *
   * @throws UsageException if there is none
   */
  static Path find(String name) throws IOException {
    Path jobs = Path.of(System.getProperty("flink-rnn.jobs", "jobs"));
    Path given = Path.of(name);
    for (Path path : List.of(given, jobs.resolve(given))) {
      if (Files.isRegularFile(path)) {
        return path;
      }
      if (Files.isRegularFile(path.resolve("job.yaml"))) {
        return path.resolve("job.yaml");
      }
    }
    List<String> names = List.of();
    if (Files.isDirectory(jobs)) {
      try (Stream<Path> entries = Files.list(jobs)) {
        names =
            entries
                .filter(entry -> Files.isRegularFile(entry.resolve("job.yaml")))
                .map(entry -> entry.getFileName().toString())
                .sorted()
                .collect(Collectors.toList());
      }
    }
    String there = names.isEmpty() ? "" : "; jobs: " + String.join(", ", names);
    throw new UsageException(
        name
            + ": expected a job file or a directory with a job.yaml"
            + Nearest.hint(name, names)
            + there);
  }
}
