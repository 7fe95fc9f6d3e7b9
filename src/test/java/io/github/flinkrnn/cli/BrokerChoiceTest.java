package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.UsageException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The quick start never becomes an endless run unnoticed, whichever variables are exported. */
class BrokerChoiceTest {
  private static final String JOB = "jobs/name-tagging/job.yaml";
  private static final String END =
      " until you stop it; use --embedded to run the sample, --brokers to suppress this warning";

  private final Map<String, String> variables = new HashMap<>();
  private final EnvironmentValues environment = new EnvironmentValues(variables::get);
  private Path sample = Path.of("jobs/name-tagging/tokens.jsonl");

  private BrokerChoice choice(String... words) {
    Arguments arguments =
        Arguments.parse(words, Set.of("--set"), Set.of("--embedded", "--brokers"));
    return new BrokerChoice(
        JobFileReader.read(JOB, arguments.all("--set"), environment), sample, arguments);
  }

  private String warning(String... words) {
    BrokerChoice choice = choice(words);
    assertThat(choice.isEmbedded()).isFalse();
    return environment.hide(choice.warning(environment).orElse("none"));
  }

  private void expectEmbedded(String... words) {
    BrokerChoice choice = choice(words);
    assertThat(choice.isEmbedded()).isTrue();
    assertThat(choice.warning(environment)).isEmpty();
  }

  @Test
  void theQuickStartIsEmbeddedWithoutAMessage() {
    expectEmbedded();
    expectEmbedded("--embedded");
  }

  @Test
  void anExportedVariableIsNamed() {
    variables.put("KAFKA", "kafka-1:9092,kafka-2:9092");
    assertThat(warning())
        .isEqualTo(JOB + ": the job runs on the brokers ${KAFKA}, from the environment," + END);
    expectEmbedded("--embedded");
  }

  @Test
  void theAddressOfThePlaceholderIsThePlaceholder() {
    variables.put("KAFKA", "localhost:9092");
    expectEmbedded();
  }

  @Test
  void otherBrokersAreNamedWhereverTheyComeFrom() {
    assertThat(warning("--set", "sink.properties.bootstrap.servers=broker:9092"))
        .isEqualTo(JOB + ": the job runs on the brokers localhost:9092 and broker:9092" + END);
    assertThat(warning("--set", "source.properties.bootstrap.servers=localhost:9092"))
        .isEqualTo(JOB + ": the job runs on the brokers localhost:9092" + END);
  }

  @Test
  void noMessageIfTheBrokersAreRequested() {
    variables.put("KAFKA", "kafka-1:9092");
    assertThat(warning("--brokers")).isEqualTo("none");
  }

  @Test
  void aJobWithoutASampleCannotRunEmbedded() {
    variables.put("KAFKA", "kafka-1:9092");
    sample = Path.of("jobs/name-tagging/none.jsonl");
    assertThat(warning()).isEqualTo("none");
    assertThatThrownBy(() -> choice("--embedded").isEmbedded())
        .isInstanceOf(UsageException.class)
        .hasMessage("--embedded: expected a Kafka source and a sample at " + sample);
  }
}
