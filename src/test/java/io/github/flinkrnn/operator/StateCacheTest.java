package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.junit.jupiter.api.Test;

class StateCacheTest {
  /** Of a key of one letter and a state of two floats. */
  private static final long ONE = 96 + 48 + 64 + 24;

  /** A store that serializes: it holds copies, and returns copies. */
  private static final class Below implements StateCache.Store {
    final Map<Object, SequenceState> states = new HashMap<>();
    final List<String> calls = new ArrayList<>();

    @Override
    public SequenceState read(Object key) {
      calls.add("read " + key);
      SequenceState state = states.get(key);
      return state == null ? null : state.copy();
    }

    @Override
    public void write(Object key, SequenceState state) {
      calls.add("write " + key + " " + state.t());
      states.put(key, state.copy());
    }

    @Override
    public void clear(Object key) {
      calls.add("clear " + key);
      states.remove(key);
    }

    List<String> take() {
      List<String> taken = List.copyOf(calls);
      calls.clear();
      return taken;
    }
  }

  private final Below below = new Below();

  private StateCache cache(long capacity) {
    return new StateCache(below, capacity, new HeapBytes(StringSerializer.INSTANCE));
  }

  private static SequenceState state(long t) {
    return new SequenceState(1, t, 0, 0, new float[] {t, -t}, null, null);
  }

  /** A step of a key, as the operator takes it. */
  private static void step(StateCache cache, String key) throws Exception {
    SequenceState state = cache.state(key);
    if (state == null) {
      cache.keep(key, state(1), false);
    } else {
      state.become(1, state.t() + 1, 0, 0, 0, new float[] {state.t() + 1, 0});
      cache.keep(key, state, true);
    }
  }

  @Test
  void aStateIsReadOnceAndWrittenBeforeACheckpoint() throws Exception {
    below.states.put("a", state(5));
    StateCache cache = cache(10 * ONE);
    step(cache, "a");
    step(cache, "a");
    step(cache, "b");
    assertThat(below.take()).containsExactly("read a", "read b");
    assertThat(cache.dirty()).isEqualTo(2);
    cache.writeDirty();
    assertThat(below.take()).containsExactly("write a 7", "write b 1");
    assertThat(cache.dirty()).isZero();
    cache.writeDirty();
    assertThat(below.take()).isEmpty();
    step(cache, "b");
    cache.writeDirty();
    assertThat(below.take()).containsExactly("write b 2");
    assertThat(cache.hits.getCount()).isEqualTo(2);
    assertThat(cache.misses.getCount()).isEqualTo(2);
    assertThat(cache.evictions.getCount()).isZero();
    assertThat(cache.bytes()).isEqualTo(2 * ONE);
  }

  @Test
  void aStateThatWasOnlyReadIsNotWritten() throws Exception {
    below.states.put("a", state(5));
    StateCache cache = cache(ONE);
    assertThat(cache.state("a").t()).isEqualTo(5);
    step(cache, "b"); // a leaves
    cache.writeDirty();
    assertThat(below.take()).containsExactly("read a", "read b", "write b 1");
  }

  @Test
  void aKeyThatWasNotUsedLeavesAndIsWritten() throws Exception {
    StateCache cache = cache(3 * ONE);
    for (String key : List.of("a", "b", "c", "a", "c", "d")) {
      step(cache, key);
    }
    assertThat(below.take()).containsExactly("read a", "read b", "read c", "read d", "write b 1");
    assertThat(cache.evictions.getCount()).isEqualTo(1);
    assertThat(cache.dirty()).isEqualTo(3);
    step(cache, "b");
    assertThat(below.take()).first().isEqualTo("read b");
    assertThat(cache.state("b").t()).isEqualTo(2);
    assertThat(cache.bytes()).isEqualTo(3 * ONE);
  }

  @Test
  void aStateThatIsClearedBeforeItIsWrittenNeverReachesTheStore() throws Exception {
    StateCache cache = cache(10 * ONE);
    step(cache, "a");
    cache.clear("a");
    cache.writeDirty();
    assertThat(below.take()).containsExactly("read a");
    assertThat(cache.bytes()).isZero();
    assertThat(cache.dirty()).isZero();
    step(cache, "a");
    cache.writeDirty();
    step(cache, "a");
    cache.clear("a");
    assertThat(cache.dirty()).isZero();
    assertThat(cache.state("a")).isNull();
    assertThat(below.take()).containsExactly("read a", "write a 1", "clear a", "read a");
  }

  /** In a batch, a key can leave between its read and its write. */
  @Test
  void aKeyThatLeftSinceItWasRead() throws Exception {
    below.states.put("a", state(5));
    StateCache cache = cache(ONE);
    SequenceState read = cache.state("a");
    step(cache, "b");
    read.become(1, 6, 0, 0, 0, new float[2]);
    cache.keep("a", read, true);
    assertThat(cache.state("a").t()).isEqualTo(6);
    assertThat(below.take()).containsExactly("read a", "read b", "write b 1");
    step(cache, "b");
    assertThat(below.take()).containsExactly("read b", "write a 6");
    cache.clear("a");
    assertThat(below.take()).containsExactly("clear a");
    assertThat(below.states.keySet()).containsExactly("b");
  }

  /** It does not fit at all: then it is written at once. */
  @Test
  void aStateThatIsLargerThanTheCache() throws Exception {
    StateCache cache = cache(ONE - 1);
    step(cache, "a");
    step(cache, "a");
    assertThat(below.take()).containsExactly("read a", "write a 1", "read a", "write a 2");
    assertThat(cache.bytes()).isZero();
    assertThat(cache.dirty()).isZero();
  }

  @Test
  void aStateThatGrowsMakesOthersLeave() throws Exception {
    StateCache cache = cache(3 * ONE);
    for (String key : List.of("a", "b", "c")) {
      step(cache, key);
    }
    below.take();
    SequenceState longer = cache.state("c");
    longer.become(1, 2, 0, 0, 0, new float[2 + 50]);
    cache.keep("c", longer, true);
    assertThat(below.take()).containsExactly("write a 1");
    assertThat(cache.bytes()).isEqualTo(2 * ONE + 200);
    SequenceState last = cache.state("c");
    last.lastIs(
        new Prediction("c", 2, null, "x".repeat(100), null, null, null, null, null, null, null));
    cache.keep("c", last, true);
    assertThat(below.take()).containsExactly("write b 1", "write c 2");
    assertThat(cache.bytes()).as("none is left: c needs more than there is").isZero();
  }

  @Test
  void keysOfAnyTypeHaveASize() throws Exception {
    StateCache cache = new StateCache(below, 10_000, new HeapBytes(LongSerializer.INSTANCE));
    cache.keep(7L, state(1), false);
    assertThat(cache.bytes()).isEqualTo(96 + 512 + 2 * 8 + 64 + 24);
  }

  /** Any sizes, and any order of reads, steps, ends and checkpoints: nothing is lost. */
  @Test
  void isTheStoreWithoutIt() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      below.states.clear();
      StateCache cache = cache(random.nextInt(12) * ONE);
      Map<String, Long> expected = new HashMap<>();
      for (int i = 0; i < 500; i++) {
        String key = "" + (char) ('a' + random.nextInt(1 + random.nextInt(15)));
        Long t = expected.get(key);
        int what = random.nextInt(20);
        if (what == 0) {
          cache.writeDirty();
          Map<Object, Long> written = new HashMap<>();
          below.states.forEach((of, state) -> written.put(of, state.t()));
          assertThat(written).isEqualTo(expected);
        } else if (what == 1 && t != null) {
          cache.clear(key);
          expected.remove(key);
        } else if (what < 5) {
          SequenceState read = cache.state(key);
          assertThat(read == null ? null : (Long) read.t()).isEqualTo(t);
        } else {
          step(cache, key);
          expected.put(key, t == null ? 1 : t + 1);
        }
      }
    }
  }
}
