package io.github.flinkrnn.rig.soak;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * A completed checkpoint.
 *
 * @param triggeredMillis when it was triggered, by the clock of the JobManager
 * @param addedBytes the bytes that it wrote
 * @param fullBytes the bytes of all files that it refers to
 */
record Checkpoint(long id, long triggeredMillis, double seconds, long addedBytes, long fullBytes) {
  /** Reads a checkpoint from the REST interface. */
  static Checkpoint of(JsonNode json) {
    return new Checkpoint(
        json.path("id").asLong(0),
        json.path("trigger_timestamp").asLong(0),
        json.path("end_to_end_duration").asLong(0) / 1e3,
        json.path("checkpointed_size").asLong(0),
        json.path("state_size").asLong(0));
  }

  /** Whether it reuses files of the previous checkpoint instead of writing everything again. */
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
