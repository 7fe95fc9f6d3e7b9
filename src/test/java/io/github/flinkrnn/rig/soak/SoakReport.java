package io.github.flinkrnn.rig.soak;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** All results of a run. */
record SoakReport(
    SoakOptions options, List<Tenth> tenths, List<Checkpoint> checkpoints, List<Verdict> verdicts) {
  boolean holds() {
    return verdicts.stream().allMatch(Verdict::holds);
  }

  /** The results as a JSON object. */
  String json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("tokens", options.tokens()).put("keys", options.keys());
    root.put("seed", options.seed()).put("rate", options.rate());
    root.put("distribution", options.isZipf() ? "zipf" : "uniform");
    ArrayNode settings = root.putArray("settings");
    options.settings().forEach(settings::add);
    ArrayNode rows = root.putArray("tenths");
    for (Tenth tenth : tenths) {
      rows.addObject()
          .put("tenth", tenth.number())
          .put("tokens_per_s", Math.round(tenth.tokensPerSecond()))
          .put("cpu_us_per_token", Math.round(tenth.cpuMicros() * 10) / 10.0)
          .put("yardstick_ms", Math.round(tenth.yardstick() * 1000) / 1000.0)
          .put("load", Math.round(tenth.load() * 10) / 10.0)
          .put("live_heap_bytes", tenth.liveHeap())
          .put("memory_bytes", tenth.memory())
          .put("files_bytes", tenth.files())
          .put(
              "cache_hit_rate",
              tenth.cache().map(use -> Math.round(use.hitRate() * 1e4) / 1e4).orElse(null))
          .put("cache_bytes", tenth.cache().map(CacheUse::bytes).orElse(null));
    }
    ArrayNode list = root.putArray("checkpoints");
    for (Checkpoint checkpoint : checkpoints) {
      list.addObject()
          .put("id", checkpoint.id())
          .put("triggered_ms", checkpoint.triggeredMillis())
          .put("s", checkpoint.seconds())
          .put("added_bytes", checkpoint.addedBytes())
          .put("full_bytes", checkpoint.fullBytes());
    }
    ArrayNode said = root.putArray("verdicts");
    for (Verdict verdict : verdicts) {
      said.addObject()
          .put("criterion", verdict.criterion())
          .put("holds", verdict.holds())
          .put("figures", verdict.figures());
    }
    return root.toPrettyString() + "\n";
  }
}
