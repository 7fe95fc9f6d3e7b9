package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The jobs that {@code --feed} rejects, and which client properties of the job it uses. */
class FeedCommandTest {
  private static final Console CONSOLE = new Console(System.err, false);

  @Test
  void aJobWithoutASampleIsRejected() {
    FeedCommand feed = new FeedCommand(job(), Path.of("jobs/nowhere/tokens.jsonl"), CONSOLE);

    assertThatThrownBy(() -> feed.run(System.err))
        .isInstanceOf(UsageException.class)
        .hasMessage("--feed: expected the job's sample at jobs/nowhere/tokens.jsonl");
  }

  @Test
  void aJobThatReadsAFileIsRejected() {
    JobFile file = job("source.type=file", "source.path=tokens.jsonl");
    FeedCommand feed = new FeedCommand(file, Path.of("jobs/name-tagging/tokens.jsonl"), CONSOLE);

    assertThatThrownBy(() -> feed.run(System.err))
        .isInstanceOf(UsageException.class)
        .hasMessage("--feed: expected a job with source.type: kafka");
  }

  @Test
  void onlyBrokersAndSecurityGoToTheOtherClients() {
    assertThat(
            FeedCommand.connection(
                Map.of(
                    "bootstrap.servers", "b:1",
                    "security.protocol", "SASL_SSL",
                    "sasl.mechanism", "PLAIN",
                    "ssl.truststore.location", "t",
                    "group.id", "g",
                    "transaction.timeout.ms", "1")))
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "b:1",
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "PLAIN",
                "ssl.truststore.location", "t"));
  }

  private static JobFile job(String... overrides) {
    return JobFileReader.read("jobs/name-tagging/job.yaml", List.of(overrides), name -> null);
  }
}
