package io.github.flinkrnn.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;

/** Which records a topic accepts, according to the configuration of its broker and its producer. */
class TopicLimitsTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final String NONE = String.valueOf(Long.MAX_VALUE);

  private static TopicLimits of(Map<String, String> producer, String... namesAndValues) {
    List<ConfigEntry> entries = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      entries.add(new ConfigEntry(namesAndValues[i], namesAndValues[i + 1]));
    }
    return TopicLimits.of(producer, new Config(entries));
  }

  @Test
  void withoutAnAnswerTheLimitsOfTheProducerApply() {
    assertThat(of(Map.of())).isEqualTo(new TopicLimits((1 << 20) - 100, Long.MAX_VALUE));
    assertThat(of(Map.of("max.request.size", "5000")))
        .isEqualTo(new TopicLimits(4900, Long.MAX_VALUE));
    assertThat(of(Map.of("max.request.size", "5000", "buffer.memory", "4000")).maxBytes())
        .isEqualTo(3900);
  }

  @Test
  void theSmallestLengthApplies() {
    assertThat(of(Map.of(), "max.message.bytes", "2000").maxBytes()).isEqualTo(1900);
    assertThat(of(Map.of(), "max.message.bytes", "50").maxBytes()).isZero();
    assertThat(of(Map.of("max.request.size", "1000"), "max.message.bytes", "2000").maxBytes())
        .isEqualTo(900);
  }

  /** Brokers before 3.6 have one limit for both directions. Brokers before 4.0 may have both. */
  @Test
  void theSmallestAgeAppliesUnderEitherName() {
    assertThat(of(Map.of(), "message.timestamp.before.max.ms", "1000").maxAgeMillis())
        .isEqualTo(1000);
    assertThat(of(Map.of(), "message.timestamp.difference.max.ms", "2000").maxAgeMillis())
        .isEqualTo(2000);
    TopicLimits both =
        of(
            Map.of(),
            "message.timestamp.difference.max.ms",
            "2000",
            "message.timestamp.before.max.ms",
            NONE);
    assertThat(both.maxAgeMillis()).isEqualTo(2000);
    assertThat(both.time(NOW - 5000, NOW)).isEqualTo(NOW - 1000);
    assertThat(both.time(NOW - 500, NOW)).isEqualTo(NOW - 500);
    assertThat(both.time(NOW + 500, NOW)).isEqualTo(NOW);
  }

  @Test
  void withoutALimitOldTimesAreKept() {
    TopicLimits none = of(Map.of(), "message.timestamp.before.max.ms", NONE);
    assertThat(none.time(0L, NOW)).isEqualTo(0);
    assertThat(none.time(-1L, NOW)).isNull();
    assertThat(none.time(null, NOW)).isNull();
  }
}
