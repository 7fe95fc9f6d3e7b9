package io.github.flinkrnn.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The alerts and the queries of the dashboard. What needs Prometheus' own {@code promtool} is
 * skipped where it is not installed (Debian: {@code apt-get install prometheus}).
 */
class AlertRulesTest {
  private static final String ALERTS = "src/deploy/prometheus/alerts.yml";
  private static final String TESTS = "src/test/resources/deploy/alerts_test.yml";
  private static final String DASHBOARD = "src/deploy/grafana/dashboards/flink-rnn.json";

  @TempDir private Path directory;

  private static List<JsonNode> alerts() {
    List<JsonNode> alerts = new ArrayList<>();
    Yaml.read(ALERTS).get("groups").forEach(group -> group.get("rules").forEach(alerts::add));
    return alerts;
  }

  private static JsonNode alert(String name) {
    return alerts().stream()
        .filter(alert -> alert.get("alert").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void promtoolAcceptsTheFiles() throws Exception {
    promtool("check", "rules", ALERTS);
    promtool("check", "config", "src/deploy/prometheus/prometheus.yml");
  }

  @Test
  void eachAlertFiresWhenItShouldAndOnlyThen() throws Exception {
    assertThat(promtool("test", "rules", TESTS)).contains("SUCCESS");
  }

  /** A test that fires it, and one with similar series that do not. */
  @Test
  void noAlertIsWithoutATest() {
    Set<String> fire = new TreeSet<>();
    Set<String> silent = new TreeSet<>();
    for (JsonNode test : Yaml.read(TESTS).get("tests")) {
      for (JsonNode expected : test.get("alert_rule_test")) {
        boolean fires = expected.path("exp_alerts").size() > 0;
        (fires ? fire : silent).add(expected.get("alertname").asString());
      }
    }
    List<String> names = alerts().stream().map(alert -> alert.get("alert").asString()).toList();
    assertThat(names).hasSizeGreaterThan(16).doesNotHaveDuplicates();
    assertThat(fire).containsExactlyInAnyOrderElementsOf(names);
    assertThat(silent).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void eachAlertHasAnEntryInTheRunbook() throws Exception {
    String runbook = Files.readString(Path.of("docs/OPERATIONS.md"));
    String entries = runbook.substring(runbook.indexOf("## At an alert"));
    String table = entries.substring(0, entries.indexOf("\n## "));
    for (JsonNode alert : alerts()) {
      assertThat(table).contains("`" + alert.get("alert").asString() + "`");
      assertThat(alert.at("/labels/severity").asString()).isIn("page", "warn");
      assertThat(alert.at("/annotations/summary").asString()).hasSizeGreaterThan(20);
    }
  }

  @Test
  void asManyTaskManagersAreExpectedAsComposeStarts() {
    int replicas =
        Yaml.read("docker-compose.yml").at("/services/taskmanager/deploy/replicas").intValue();
    assertThat(alert("TaskManagersMissing").get("expr").asString()).endsWith(" < " + replicas);
  }

  /** A checkpoint that takes longer than the time-out fails, and its duration is never reported. */
  @Test
  void aSlowCheckpointIsOneThatDoesNotFailYet() {
    long timeout =
        GlobalConfiguration.loadConfiguration("src/deploy/flink")
            .get(CheckpointingOptions.CHECKPOINTING_TIMEOUT)
            .toMillis();
    assertThat(alert("CheckpointsSlow").get("expr").asString()).endsWith(" > " + timeout / 2);
  }

  @Test
  void theDashboardFitsItsDataSourceAndItsGrid() {
    JsonNode dashboard = Yaml.read(DASHBOARD);
    JsonNode source =
        Yaml.read("src/deploy/grafana/provisioning/datasources/prometheus.yml")
            .at("/datasources/0/uid");
    Set<Integer> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      String title = panel.get("title").asString();
      assertThat(ids.add(panel.get("id").intValue())).as(title).isTrue();
      assertThat(panel.at("/datasource/uid")).as(title).isEqualTo(source);
      JsonNode at = panel.get("gridPos");
      assertThat(at.get("x").intValue() + at.get("w").intValue()).isLessThanOrEqualTo(24);
      for (int x = 0; x < at.get("w").intValue(); x++) {
        for (int y = 0; y < at.get("h").intValue(); y++) {
          assertThat(cells.add((at.get("x").intValue() + x) + "," + (at.get("y").intValue() + y)))
              .as("%s overlaps", title)
              .isTrue();
        }
      }
      Set<String> references = new HashSet<>();
      for (JsonNode target : panel.get("targets")) {
        assertThat(references.add(target.get("refId").asString())).as(title).isTrue();
        assertThat(target.at("/datasource/uid")).as(title).isEqualTo(source);
      }
    }
  }

  /** Prometheus parses the queries, here as rules that record them. */
  @Test
  void promtoolAcceptsTheQueriesOfTheDashboard() throws Exception {
    List<Object> rules = new ArrayList<>();
    for (JsonNode panel : Yaml.read(DASHBOARD).get("panels")) {
      for (JsonNode target : panel.get("targets")) {
        rules.add(Map.of("record", "q" + rules.size(), "expr", target.get("expr").asString()));
      }
    }
    Object groups = Map.of("groups", List.of(Map.of("name", "q", "rules", rules)));
    Path file = directory.resolve("queries.yml");
    Files.write(file, new JsonMapper().writeValueAsBytes(groups)); // JSON is YAML
    assertThat(promtool("check", "rules", file.toString())).contains(rules.size() + " rules found");
  }

  private static String promtool(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Prometheus.expect("promtool")));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
