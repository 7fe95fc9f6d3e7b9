package io.github.flinkrnn.rig.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads from Flink's REST interface while the job runs. */
final class JobProbe {
  private static final String STEPS = "rnn.steps";
  private static final String FILES = "rnn.sequence.rocksdb_total-sst-files-size";

  private final Rest rest;
  private final String job;
  private final String vertex;
  private final TreeMap<Long, Checkpoint> checkpoints = new TreeMap<>();
  private long failedCheckpoints;

  /** Flink's REST interface. */
  interface Rest {
    /** The answer to a GET request; empty if there is none. */
    Optional<JsonNode> get(String path) throws InterruptedException;
  }

  /**
   * @param job the id of a running job
   */
  JobProbe(Rest rest, String job) throws IOException, InterruptedException {
    this.rest = rest;
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
    return rest.get("/jobs/" + job + path)
        .orElseThrow(() -> new IOException("the JobManager does not answer " + path));
  }

  /**
   * What the job did since it started.
   *
   * @param count the number of steps; 0 until a task has reported it
   * @param cache the use of the caches at the same time; empty if there are none
   */
  record Steps(long count, Optional<CacheUse> cache) {}

  /** Reads all in one request. Otherwise the hits would be of more steps than were counted. */
  Steps steps() throws IOException, InterruptedException {
    List<String> metrics = new ArrayList<>(CacheUse.METRICS);
    metrics.add(STEPS);
    JsonNode sums = sums(metrics);
    if (sums.isEmpty()) { // so Flink answers if one of the metrics does not exist
      sums = sums(List.of(STEPS));
    }
    return new Steps(sum(sums, STEPS).orElse(0), CacheUse.of(sums));
  }

  /** The size of RocksDB's files in bytes. */
  OptionalLong files() throws IOException, InterruptedException {
    return sum(sums(List.of(FILES)), FILES);
  }

  private JsonNode sums(List<String> metrics) throws IOException, InterruptedException {
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
