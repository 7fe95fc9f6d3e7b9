package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CacheUseTest {
  private static JsonNode json(String json) {
    return JsonMapper.shared().readTree(json);
  }

  @Test
  void sumsOfTheSubtasksAreRead() {
    assertThat(
            CacheUse.of(
                json(
                    """
                    [{"id":"rnn.stateCacheBytes","sum":1.34217728E8},
                     {"id":"rnn.stateCacheMisses","sum":25.0},
                     {"id":"rnn.stateCacheHits","sum":75.0}]""")))
        .contains(new CacheUse(75, 25, 134_217_728));
  }

  @Test
  void aJobWithoutTheMetricsHasNoCache() {
    assertThat(CacheUse.of(json("[]"))).isEmpty();
    assertThat(CacheUse.of(json("[{\"id\":\"rnn.stateCacheHits\",\"sum\":75.0}]"))).isEmpty();
  }

  @Test
  void aTenthHasTheHitsSinceTheOneBeforeIt() {
    CacheUse tenth = new CacheUse(175, 50, 300).since(new CacheUse(100, 25, 200));

    assertThat(tenth).isEqualTo(new CacheUse(75, 25, 300));
    assertThat(tenth.hitRate()).isEqualTo(0.75);
    assertThat(CacheUse.NONE.hitRate()).isZero();
  }
}
