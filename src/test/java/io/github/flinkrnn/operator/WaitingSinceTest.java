package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.Position;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Since when tokens wait that are taken by number. */
class WaitingSinceTest {
  @TempDir private Path directory;
  private RnnHarness harness;
  private MapState<Long, Tuple2<Long, Long>> queue;
  private WaitingSince since;

  @BeforeEach
  void open() throws Exception {
    harness = RnnHarness.open(RnnFunction.of(ModelDirectory.words(directory).toString()));
    queue =
        harness.state(
            "k", new MapStateDescriptor<>("test", Types.LONG, Types.TUPLE(Types.LONG, Types.LONG)));
    since = new WaitingSince(queue);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private int entries() throws Exception {
    int entries = 0;
    for (Long ignored : queue.keys()) {
      entries++;
    }
    return entries;
  }

  @Test
  void aTokenTakenBeforeAnEarlierArrivalIsNotKept() throws Exception {
    since.add(10, 100);
    for (int i = 0; i < 90; i++) {
      since.add(11 + i, i);
    }
    assertThat(entries()).as("the ends, and one").isEqualTo(2);
    assertThat(since.first()).isEqualTo(10);
    assertThat(since.lastBy(9)).isEqualTo(Position.NONE);
    assertThat(since.lastBy(10)).isEqualTo(100);
    since.taken(99);
    assertThat(since.first()).isEqualTo(10);
    since.taken(100);
    assertThat(entries()).isZero();
  }

  @Test
  void afterTheClockWasSetBackEarlierArrivalsCount() throws Exception {
    since.add(1000, 5);
    since.add(2000, 9);
    since.add(500, 7);
    assertThat(since.first()).isEqualTo(500);
    assertThat(since.lastBy(499)).isEqualTo(Position.NONE);
    assertThat(since.lastBy(500)).isEqualTo(9);
  }

  /** Compared with a map of all waiting tokens on the heap. */
  @Test
  void tellsTheLongestWaitAndWhatCameByThen() throws Exception {
    Random random = new Random(3);
    TreeMap<Long, Long> waiting = new TreeMap<>(); // number to moment
    long now = 0;
    long taken = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(3);
      long number = taken + 1 + random.nextInt(400);
      if (!waiting.containsKey(number) && waiting.size() < 200 && random.nextInt(3) > 0) {
        waiting.put(number, now);
        since.add(now, number);
      } else if (!waiting.isEmpty()) {
        taken = waiting.pollFirstEntry().getKey();
        since.taken(taken);
      }
      if (waiting.isEmpty()) {
        assertThat(entries()).isZero();
      } else {
        assertThat(since.first()).isEqualTo(waiting.values().stream().min(Long::compare).get());
        long by = now - random.nextInt(300);
        assertThat(since.lastBy(by))
            .isEqualTo(
                waiting.entrySet().stream()
                    .filter(each -> each.getValue() <= by)
                    .map(Map.Entry::getKey)
                    .max(Long::compare)
                    .orElse(Position.NONE));
      }
      assertThat(entries()).isLessThanOrEqualTo(1 + waiting.size());
    }
  }
}
