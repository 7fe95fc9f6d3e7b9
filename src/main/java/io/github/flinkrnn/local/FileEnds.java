package io.github.flinkrnn.local;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import java.nio.file.Path;
import java.util.Optional;

/** A job between files, where its file may name brokers. */
final class FileEnds {
  private FileEnds() {}

  /** The job from {@code --input} to {@code --output}, what it rejects to {@code --rejected}. */
  static JobFile of(JobFile job, Arguments arguments) {
    String input = arguments.one("--input").orElseThrow();
    SourceSpec source = new SourceSpec.File(input.equals("-") ? input : Locations.absolute(input));
    SinkSpec sink = sink(arguments.one("--output").orElse("-"), false);
    Optional<SinkSpec> rejected = arguments.one("--rejected").map(path -> sink(path, true));
    if (rejected.isEmpty()) {
      boolean needsBroker = job.deadLetters().filter(SinkSpec.Kafka.class::isInstance).isPresent();
      boolean none = job.deadLetters().isEmpty();
      rejected = needsBroker || none ? Optional.of(new SinkSpec.Print(true)) : job.deadLetters();
    }
    Optional<SinkSpec> ends = job.ends().filter(to -> !(to instanceof SinkSpec.Kafka));
    return job.between(source, sink, rejected, ends);
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
