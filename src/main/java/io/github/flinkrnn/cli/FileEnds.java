package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.Replaced;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import java.nio.file.Path;
import java.util.Optional;

/** Replaces a job's source and sinks by files. Those of the job file are not read. */
final class FileEnds {
  private FileEnds() {}

  /** The parts of the job file that are replaced. */
  static Replaced replaced(Arguments arguments) {
    return arguments.has("--rejected") ? Replaced.ENDS_AND_DEAD_LETTERS : Replaced.ENDS;
  }

  /**
   * The job from {@code --input} to {@code --output}, with rejected records to {@code --rejected}.
   */
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
