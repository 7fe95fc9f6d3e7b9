package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.Replaced;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import java.nio.file.Path;
import java.util.Optional;

/** A job between files, where its file may name brokers: these were left out when it was read. */
final class FileEnds {
  private FileEnds() {}

  /** What of the job's file does not count. */
  static Replaced replaced(Arguments arguments) {
    return arguments.has("--rejected") ? Replaced.ENDS_AND_DEAD_LETTERS : Replaced.ENDS;
  }

  /** The job from {@code --input} to {@code --output}, what it rejects to {@code --rejected}. */
  static JobFile of(JobFile job, Arguments arguments) {
    String input = arguments.one("--input").orElseThrow();
    SourceSpec source = new SourceSpec.File(input.equals("-") ? input : Locations.absolute(input));
    SinkSpec sink = sink(arguments.one("--output").orElse("-"), false);
    SinkSpec rejected =
        arguments
            .one("--rejected")
            .map(path -> sink(path, true))
            .orElseGet(() -> job.deadLetters().orElse(new SinkSpec.Print(true)));
    return job.between(source, sink, Optional.of(rejected), job.ends());
  }

  private static SinkSpec sink(String path, boolean toStderr) {
    return path.equals("-")
        ? new SinkSpec.Print(toStderr)
        : new SinkSpec.File(absolute(path).toString());
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }
}
