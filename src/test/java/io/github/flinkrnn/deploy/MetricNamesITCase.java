package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.kafka.TopicClient;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A running job reports every metric that dashboard, alerts and docs name. */
class MetricNamesITCase {
  private static final Pattern METRIC = Pattern.compile("\\bflink_[a-zA-Z0-9_]+");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without) ?\\(([^)]*)\\)");

  private static final String MISSING = "flink_taskmanager_job_task_operator_topicsMissing";

  @RegisterExtension
  private static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(configuration())
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(1)
              .build());

  private static final Pattern OF_OPERATOR =
      Pattern.compile("(flink_[a-zA-Z0-9_]+)\\{operator_name=\"([^\"]+)\"");

  @TempDir private Path directory;

  /** Metrics with the operators that report them, as {@link #operatorsOf}. */
  private final Set<String> ofOperators = new TreeSet<>();

  /** The state metrics that the cluster of the compose file enables. */
  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    JsonNode cluster = Yaml.read("src/deploy/flink/config.yaml");
    configuration.setString("state.backend.type", "rocksdb");
    cluster
        .at("/state/backend/rocksdb/metrics")
        .properties()
        .forEach(
            metric ->
                configuration.setString(
                    "state.backend.rocksdb.metrics." + metric.getKey(),
                    metric.getValue().asString()));
    configuration.setString("metrics.reporters", "names");
    configuration.setString(
        "metrics.reporter.names.factory.class", ReportedNamesFactory.class.getName());
    return configuration;
  }

  @Test
  void everyNameIsReported() throws Exception {
    Map<String, Set<String>> reported = reported();

    Set<String> used = new TreeSet<>();
    for (String text : expressions()) {
      METRIC.matcher(text).results().forEach(found -> used.add(found.group()));
    }
    assertThat(used).hasSizeGreaterThan(15);
    assertThat(reported.keySet()).containsAll(used);
    for (String text : expressions()) {
      Matcher metric = METRIC.matcher(text);
      Matcher grouping = GROUPING.matcher(text);
      while (metric.find() && grouping.find()) {
        assertThat(reported.get(metric.group()))
            .as(text)
            .containsAll(List.of(grouping.group(1).split(", *")));
      }
      assertThat(ofOperators).as(text).containsAll(operatorsOf(text));
    }
  }

  private static List<String> operatorsOf(String text) {
    return OF_OPERATOR
        .matcher(text)
        .results()
        .map(found -> found.group(1) + " of " + found.group(2))
        .toList();
  }

  /** All queries of the dashboard and conditions of the alerts. */
  private static List<String> expressions() {
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : Yaml.read("src/deploy/grafana/dashboards/flink-rnn.json").get("panels")) {
      panel.path("targets").forEach(target -> expressions.add(target.get("expr").asString()));
    }
    for (JsonNode group : Yaml.read("src/deploy/prometheus/alerts.yml").get("groups")) {
      group.get("rules").forEach(rule -> expressions.add(rule.get("expr").asString()));
    }
    return expressions;
  }

  private Map<String, Set<String>> reported() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(1, "tokens", "predictions", "rejected");
      JobClient client = start(kafka.address());
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
        topics.write(
            "tokens",
            Files.readAllLines(Path.of("jobs/name-tagging/tokens.jsonl")).stream()
                .map(line -> Map.entry("key", line.getBytes(UTF_8)))
                .toList());
        topics.readUntil(seen -> seen.size() == 53, Duration.ofMinutes(1));
        List<Sample> samples = ReportedNames.samples();
        assertThat(values(samples, "flink_taskmanager_job_task_operator_steps"))
            .containsExactly(53.0);
        assertThat(values(samples, "flink_taskmanager_job_task_operator_sequencesStarted"))
            .containsExactly(5.0);
        assertThat(values(samples, MISSING)).containsOnly(0.0).hasSize(3);
        delete(kafka.address(), "rejected");
        awaitOneMissing();
        Map<String, Set<String>> labels = new TreeMap<>();
        for (Sample sample : samples) {
          labels.computeIfAbsent(sample.name, n -> new TreeSet<>()).addAll(sample.labelNames);
          int operator = sample.labelNames.indexOf("operator_name");
          if (operator >= 0) {
            ofOperators.add(sample.name + " of " + sample.labelValues.get(operator));
          }
        }
        return labels;
      } finally {
        client.cancel().get();
      }
    }
  }

  private static void delete(String servers, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  private static void awaitOneMissing() {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!values(ReportedNames.samples(), MISSING).contains(1.0)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    assertThat(values(ReportedNames.samples(), MISSING)).containsOnlyOnce(1.0);
  }

  private static List<Double> values(List<Sample> samples, String name) {
    return samples.stream()
        .filter(sample -> sample.name.equals(name))
        .map(sample -> sample.value)
        .toList();
  }

  private JobClient start(String servers) throws Exception {
    JobFile job =
        JobFileReader.read(
            "jobs/name-tagging/job.yaml",
            List.of("flink.execution.checkpointing.interval=100ms"),
            name -> name.equals("KAFKA") ? servers : null);
    StreamExecutionEnvironment env =
        RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
    RnnJob.build(env, job);
    return env.executeAsync(job.name());
  }
}
