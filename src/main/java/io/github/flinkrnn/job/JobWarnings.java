package io.github.flinkrnn.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.annotation.Internal;

/** What is probably a mistake in a job file, although the job can run with it. */
@Internal
public final class JobWarnings {
  private static final String DISCOVERY = "partition.discovery.interval.ms";

  private static final int LEAST_DISCOVERY_MILLIS = 10_000;

  /** Each name is compared with all of Flink's, which would take minutes for a large file. */
  private static final int MOST_MISSPELT = 20;

  private JobWarnings() {}

  /** The warnings, one line each, with file and field. */
  public static List<String> of(JobFile job) {
    List<String> lines = new ArrayList<>();
    discovery(job).ifPresent(lines::add);
    KafkaOptions ofKafka = new KafkaOptions();
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      misspelt(job, "source.properties", kafka.properties(), ofKafka::suspicion, lines);
    }
    job.sinks()
        .forEach(
            (field, sink) -> {
              if (sink instanceof SinkSpec.Kafka kafka) {
                String place = field + ".properties";
                misspelt(job, place, kafka.properties(), ofKafka::suspicion, lines);
              }
            });
    if (!job.flink().isEmpty()) {
      misspelt(job, "flink", job.flink(), new FlinkOptions()::suspicion, lines);
    }
    return lines;
  }

  private static void misspelt(
      JobFile job,
      String field,
      Map<String, String> options,
      Function<String, Optional<String>> suspicion,
      List<String> lines) {
    int found = 0;
    for (String name : options.keySet()) {
      if (found == MOST_MISSPELT) {
        lines.add(
            (job.file() + ": " + field + ": options after the first ")
                + (MOST_MISSPELT + " unknown ones are not checked"));
        return;
      }
      Optional<String> what = suspicion.apply(name);
      if (what.isPresent()) {
        lines.add(job.file() + ": " + field + "." + name + ": " + what.get());
        found++;
      }
    }
  }

  /**
   * Flink's enumerator looks again although the partitions that it just found are not assigned yet,
   * and then assigns them twice.
   */
  private static Optional<String> discovery(JobFile job) {
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      String interval = kafka.properties().getOrDefault(DISCOVERY, "");
      if (interval.matches("\\d{1,9}")
          && Integer.parseInt(interval) > 0
          && Integer.parseInt(interval) < LEAST_DISCOVERY_MILLIS) {
        return Optional.of(
            (job.file() + ": source.properties." + DISCOVERY + ": below ")
                + (LEAST_DISCOVERY_MILLIS + ", Flink may find a new partition twice, and read its")
                + " records twice");
      }
    }
    return Optional.empty();
  }
}
