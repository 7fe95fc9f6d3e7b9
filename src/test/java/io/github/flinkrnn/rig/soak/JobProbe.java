package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.rig.cluster.FlinkCluster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads from Flink's REST interface while the job runs. */
final class JobProbe {
  private static final String STEPS = "rnn.steps";
  private static final String FILES = "rnn.sequence.rocksdb_total-sst-files-size";

  private final FlinkCluster flink;
  private final String job;
  private final String vertex;
  private final TreeMap<Long, Checkpoint> checkpoints = new TreeMap<>();
  private long failedCheckpoints;

  /**
   * @param job the id of a running job
   */
  JobProbe(FlinkCluster flink, String job) throws IOException, InterruptedException {
    this.flink = flink;
    this.job = job;
    for (JsonNode candidate : answer("").path("vertices")) {
      if (candidate.path("name").asString("").contains("rnn")) {
        vertex = candidate.path("id").asString();
        return;
      }
    }
    throw new IOException("the job has no vertex 'rnn'");
  }

  private JsonNode answer(String path) throws IOException, InterruptedException {
    return flink
        .get("/jobs/" + job + path)
        .orElseThrow(() -> new IOException("the JobManager does not answer " + path));
  }

  /** The number of steps since the job started; empty until a task has reported it. */
  OptionalLong steps() throws IOException, InterruptedException {
    return sum(STEPS);
  }

  /** The size of RocksDB's files in bytes. */
  OptionalLong files() throws IOException, InterruptedException {
    return sum(FILES);
  }

  /** What the caches did since the job started; empty if it has none. */
  Optional<CacheUse> cache() throws IOException, InterruptedException {
    return CacheUse.of(sums(CacheUse.METRICS));
  }

  private OptionalLong sum(String metric) throws IOException, InterruptedException {
    return sum(sums(metric), metric);
  }

  private JsonNode sums(String... metrics) throws IOException, InterruptedException {
    return answer(
        "/vertices/" + vertex + "/subtasks/metrics?agg=sum&get=" + String.join(",", metrics));
  }

  /** The sum of a metric over the subtasks; empty if none of them has it. */
  static OptionalLong sum(JsonNode sums, String metric) {
    for (JsonNode found : sums) {
      if (metric.equals(found.path("id").asString(""))) {
        return OptionalLong.of((long) found.path("sum").asDouble(0));
      }
    }
    return OptionalLong.empty();
  }

  /** Looks for checkpoints that were completed since the last call. */
  void look() throws IOException, InterruptedException {
    JsonNode answer = answer("/checkpoints");
    failedCheckpoints = answer.path("counts").path("failed").asLong(0);
    for (JsonNode one : answer.path("history")) {
      if (one.path("status").asString("").equals("COMPLETED")
          && !one.path("is_savepoint").asBoolean(false)) {
        Checkpoint checkpoint = Checkpoint.of(one);
        checkpoints.put(checkpoint.id(), checkpoint);
      }
    }
  }

  /** All checkpoints so far, the earliest first. */
  List<Checkpoint> checkpoints() {
    return List.copyOf(checkpoints.values());
  }

  long failedCheckpoints() {
    return failedCheckpoints;
  }
}
