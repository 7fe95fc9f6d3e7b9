package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JobProbeTest {
  private static final String VERTEX = "/jobs/j1";
  private static final String METRICS = VERTEX + "/vertices/v2/subtasks/metrics?agg=sum&get=";

  private final Map<String, Long> sums = new TreeMap<>(Map.of("rnn.steps", 7L));

  /** Like Flink: an empty array if one of the metrics does not exist. */
  private Optional<JsonNode> answer(String path) {
    if (path.equals(VERTEX)) {
      return json(
          "{\"vertices\":[{\"id\":\"v1\",\"name\":\"decode\"},{\"id\":\"v2\",\"name\":\"rnn\"}]}");
    }
    assertThat(path).startsWith(METRICS);
    var asked = List.of(path.substring(METRICS.length()).split(","));
    if (!sums.keySet().containsAll(asked)) {
      return json("[]");
    }
    return json(
        asked.stream()
            .map(name -> "{\"id\":\"" + name + "\",\"sum\":" + sums.get(name) + ".0}")
            .collect(Collectors.joining(",", "[", "]")));
  }

  private static Optional<JsonNode> json(String json) {
    return Optional.of(JsonMapper.shared().readTree(json));
  }

  @Test
  void stepsAreCountedWithoutACache() throws Exception {
    JobProbe.Steps steps = new JobProbe(this::answer, "j1").steps();

    assertThat(steps.count()).isEqualTo(7);
    assertThat(steps.cache()).isEmpty();
  }

  @Test
  void stepsAndTheCacheAreReadTogether() throws Exception {
    sums.putAll(
        Map.of("rnn.stateCacheHits", 5L, "rnn.stateCacheMisses", 2L, "rnn.stateCacheBytes", 90L));

    JobProbe.Steps steps = new JobProbe(this::answer, "j1").steps();

    assertThat(steps.count()).isEqualTo(7);
    assertThat(steps.cache()).contains(new CacheUse(5, 2, 90));
  }

  @Test
  void beforeATaskReportsThereAreNoSteps() throws Exception {
    sums.clear();

    assertThat(new JobProbe(this::answer, "j1").steps().count()).isZero();
  }
}
