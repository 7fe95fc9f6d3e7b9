package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.rig.faults.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.util.FileUtils;

/** The job file of a run. */
final class SoakJob {
  static final String NAME = "soak";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private SoakJob() {}

  /**
   * Checks {@code --set} before anything starts.
   *
   * @throws UsageException if the job file is invalid with these options
   */
  static void check(SoakOptions options) throws IOException {
    Path directory = Files.createTempDirectory("flink-rnn-soak-");
    try {
      Path file = write(directory, options, "localhost:9092", directory.resolve("model"));
      try {
        JobFileReader.read(file.toString(), options.settings(), System::getenv);
      } catch (InvalidFileException e) {
        // The file is not the user's.
        throw new UsageException("--set " + e.getMessage().replace(file + ": ", ""));
      }
    } finally {
      FileUtils.deleteDirectoryQuietly(directory.toFile());
    }
  }

  /** Writes the job file into a directory, and returns its path. */
  static Path write(Path directory, SoakOptions options, String servers, Path model)
      throws IOException {
    String end = "properties: {bootstrap.servers: \"" + servers + "\"}}\n";
    return Files.writeString(
        directory.resolve("job.yaml"),
        ("name: " + NAME + "\n")
            + ("model: " + model + "\n")
            + ("source: {type: kafka, topic: " + Topics.TOKENS + ", " + end)
            + ("sink: {type: kafka, topic: " + Topics.PREDICTIONS + ", " + end)
            + ("dead_letters: {type: kafka, topic: " + Topics.REJECTED + ", " + end)
            + ("sequence: {idle_timeout: " + options.idleTimeoutSeconds() + "s}\n")
            + "output: {fields: [token, label, prediction, seq]}\n"
            + ("flink: {execution.checkpointing.interval: " + INTERVAL.toSeconds() + "s}\n"));
  }
}
