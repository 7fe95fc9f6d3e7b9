package io.github.flinkrnn.soak;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * One that was completed.
 *
 * @param triggeredMillis when it began, by the JobManager's clock
 * @param addedBytes what it wrote
 * @param fullBytes all that it refers to
 */
record Checkpoint(long id, long triggeredMillis, double seconds, long addedBytes, long fullBytes) {
  /** As the REST interface tells of it. */
  static Checkpoint of(JsonNode json) {
    return new Checkpoint(
        json.path("id").asLong(0),
        json.path("trigger_timestamp").asLong(0),
        json.path("end_to_end_duration").asLong(0) / 1e3,
        json.path("checkpointed_size").asLong(0),
        json.path("state_size").asLong(0));
  }

  /** Whether it went on from the files of the one before, rather than writing all anew. */
  boolean isIncremental() {
    return addedBytes < fullBytes;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d MB of %d MB in %.1f s",
        addedBytes / 1_000_000,
        fullBytes / 1_000_000,
        seconds);
  }
}
