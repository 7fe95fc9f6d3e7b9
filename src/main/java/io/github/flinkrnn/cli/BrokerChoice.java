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

/** Whether a broker of this process stands in for those of the job file. */
final class BrokerChoice {
  /** What job files say of a broker until their user has one. */
  private static final String PLACEHOLDER = "localhost:9092";

  private final JobFile job;
  private final Path sample;
  private final Arguments arguments;
  private final Set<String> servers = new LinkedHashSet<>();

  /**
   * @param sample the records that a broker of this process would be given, where there are any
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
   * Whether it does.
   *
   * @throws UsageException when it is asked for and cannot
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
   * For a job that could play its sample, and end, but runs on other brokers without being told to:
   * which these are.
   */
  Optional<String> warning(EnvironmentValues environment) {
    if (arguments.has("--brokers") || !hasSample() || isEmbedded()) {
      return Optional.empty();
    }
    String brokers = String.join(" and ", servers);
    String from = environment.hide(brokers).equals(brokers) ? "" : ", from the environment,";
    return Optional.of(
        (job.file() + ": runs on the brokers " + brokers + from + " until it is stopped; ")
            + "--embedded plays the sample, --brokers is without this warning");
  }

  private boolean hasSample() {
    return job.source() instanceof SourceSpec.Kafka && Files.isRegularFile(sample);
  }
}
