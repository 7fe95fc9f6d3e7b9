package io.github.flinkrnn.rig.soak;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * What the caches of states of all subtasks did.
 *
 * @param hits how often a state was in the cache
 * @param misses how often it was not, or the key had no state
 * @param bytes the states and keys in the caches
 */
record CacheUse(long hits, long misses, long bytes) {
  static final CacheUse NONE = new CacheUse(0, 0, 0);
  private static final String HITS = "rnn.stateCacheHits";
  private static final String MISSES = "rnn.stateCacheMisses";
  private static final String BYTES = "rnn.stateCacheBytes";

  /** The metrics that {@link #of} reads. */
  static final List<String> METRICS = List.of(HITS, MISSES, BYTES);

  /**
   * Reads sums over the subtasks from the REST interface; empty if the job has no cache, and so no
   * such metrics.
   */
  static Optional<CacheUse> of(JsonNode sums) {
    OptionalLong hits = JobProbe.sum(sums, HITS);
    OptionalLong misses = JobProbe.sum(sums, MISSES);
    OptionalLong bytes = JobProbe.sum(sums, BYTES);
    return hits.isPresent() && misses.isPresent() && bytes.isPresent()
        ? Optional.of(new CacheUse(hits.getAsLong(), misses.getAsLong(), bytes.getAsLong()))
        : Optional.empty();
  }

  /** The hits and misses since an earlier time, with the bytes of now. */
  CacheUse since(CacheUse before) {
    return new CacheUse(hits - before.hits, misses - before.misses, bytes);
  }

  /** The share of hits, from 0 to 1; 0 if no state was looked up. */
  double hitRate() {
    return (double) hits / Math.max(1, hits + misses);
  }
}
