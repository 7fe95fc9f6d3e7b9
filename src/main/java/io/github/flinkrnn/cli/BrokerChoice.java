package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.job.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Decides whether a job runs on a broker in this process instead of those of its file. */
final class BrokerChoice {
  /** The brokers of a job file that has not been changed by its user. */
  private static final String PLACEHOLDER = "localhost:9092";

  private final JobFile job;
  private final Path sample;
  private final Arguments arguments;
  private final Set<String> servers = new LinkedHashSet<>();

  /**
   * @param sample the file of records for a broker in this process, which may not exist
   */
  BrokerChoice(JobFile job, Path sample, Arguments arguments) {
    this.job = job;
    this.sample = sample;
    this.arguments = arguments;
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      servers.add(kafka.properties().get("bootstrap.servers"));
    }
    for (SinkSpec sink : job.sinks().values()) {
      if (sink instanceof SinkSpec.Kafka kafka) {
        servers.add(kafka.properties().get("bootstrap.servers"));
      }
    }
  }

  /**
   * Whether the job runs on a broker in this process.
   *
   * @throws UsageException if {@code --embedded} is given but not possible
   */
  boolean isEmbedded() {
    if (arguments.has("--embedded")) {
      if (!hasSample()) {
        throw new UsageException("--embedded: expected a Kafka source and a sample at " + sample);
      }
      return true;
    }
    return !arguments.has("--brokers")
        && hasSample()
        && arguments.all("--set").stream().noneMatch(set -> set.contains("bootstrap.servers="))
        && servers.equals(Set.of(PLACEHOLDER));
  }

  /**
   * A warning for a job that could run its sample and end, but runs on other brokers although its
   * user may not expect that.
   */
  Optional<String> warning(EnvironmentValues environment) {
    if (arguments.has("--brokers") || !hasSample() || isEmbedded()) {
      return Optional.empty();
    }
    String brokers = String.join(" and ", servers);
    String from = environment.hide(brokers).equals(brokers) ? "" : ", from the environment,";
    return Optional.of(
        (job.file() + ": the job runs on the brokers " + brokers + from + " until you stop it; ")
            + "use --embedded to run the sample, --brokers to suppress this warning");
  }

  private boolean hasSample() {
    return job.source() instanceof SourceSpec.Kafka && Files.isRegularFile(sample);
  }
}
