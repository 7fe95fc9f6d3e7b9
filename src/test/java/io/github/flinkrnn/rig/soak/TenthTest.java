package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The row of a tenth in the table and in the JSON file. */
class TenthTest {
  private static final Tenth WITHOUT_CACHE =
      new Tenth(
          1,
          20873.6,
          60.55,
          2.574,
          7.01,
          42_000_000,
          1_269_000_000,
          981_000_000,
          Optional.empty(),
          Optional.empty());
  private static final Tenth WITH_CACHE =
      new Tenth(
          2,
          30000,
          50,
          2,
          1,
          43_000_000,
          1_270_000_000,
          982_000_000,
          Optional.of(new CacheUse(812_345, 187_655, 134_217_000)),
          Optional.of(new Checkpoint(1, 0, 3.4, 344_000_000, 860_000_000)));

  @Test
  void aRowHasAColumnForEachPartOfTheHeader() {
    assertThat(Tenth.header().strip().split("  +"))
        .containsExactly(
            "tenth",
            "tokens/s",
            "CPU µs/token",
            "yardstick, ms",
            "load",
            "live heap, MB",
            "RSS, MB",
            "files, MB",
            "cache hits, %",
            "cache, MB",
            "last checkpoint: added, all, s");
    assertThat(WITH_CACHE.line().strip().split("  +"))
        .containsExactly(
            "2",
            "30,000",
            "50.0",
            "2.00",
            "1.0",
            "43",
            "1270",
            "982",
            "81.2",
            "134",
            "344 MB of 860 MB in 3.4 s");
  }

  @Test
  void withoutACacheItsColumnsHaveADash() {
    assertThat(WITHOUT_CACHE.line().strip().split("  +"))
        .containsExactly(
            "1", "20,874", "60.6", "2.57", "7.0", "42", "1269", "981", "-", "-", "none");
  }

  @Test
  void theJsonHasTheHitRateAndTheBytesOrNull() {
    SoakOptions options =
        new SoakOptions(100, 10, 1, 0, true, List.of("batch.size=1"), Optional.empty());
    SoakReport report =
        new SoakReport(options, List.of(WITHOUT_CACHE, WITH_CACHE), List.of(), List.of());

    assertThat(JsonMapper.shared().readTree(report.json()))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"tokens":100,"keys":10,"seed":1,"rate":0,"distribution":"zipf",
                     "settings":["batch.size=1"],
                     "tenths":[
                       {"tenth":1,"tokens_per_s":20874,"cpu_us_per_token":60.6,
                        "yardstick_ms":2.574,"load":7.0,"live_heap_bytes":42000000,
                        "memory_bytes":1269000000,"files_bytes":981000000,
                        "cache_hit_rate":null,"cache_bytes":null},
                       {"tenth":2,"tokens_per_s":30000,"cpu_us_per_token":50.0,
                        "yardstick_ms":2.0,"load":1.0,"live_heap_bytes":43000000,
                        "memory_bytes":1270000000,"files_bytes":982000000,
                        "cache_hit_rate":0.8123,"cache_bytes":134217000}],
                     "checkpoints":[],"verdicts":[]}"""));
  }
}
