package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tree of numbers beside the waiting tokens. */
class WaitingIndexTest {
  @TempDir private Path directory;
  private RnnHarness harness;
  private MapState<Long, Long> words;
  private WaitingIndex index;

  @BeforeEach
  void open() throws Exception {
    harness = RnnHarness.open(RnnFunction.of(ModelDirectory.words(directory).toString()));
    words = harness.state("k", new MapStateDescriptor<>("test", Types.LONG, Types.LONG));
    index = new WaitingIndex(words);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private Set<Long> keys() throws Exception {
    Set<Long> keys = new HashSet<>();
    words.keys().forEach(keys::add);
    return keys;
  }

  @Test
  void oneNumberIsOneWord() throws Exception {
    index.add(1000);
    assertThat(keys()).as("the root's key, and it").hasSize(2);
    assertThat(index.first()).isEqualTo(1000);
    assertThat(index.contains(1000)).isTrue();
    assertThat(index.contains(1001)).isFalse();
    index.remove(1000, 0);
    assertThat(index.first()).isNull();
    assertThat(keys()).isEmpty();
  }

  @Test
  void theEndsOfAllNumbersAreElevenWordsDeep() throws Exception {
    index.add(Long.MAX_VALUE);
    index.add(Long.MIN_VALUE);
    index.add(0);
    index.add(-1);
    assertThat(keys()).hasSize(1 + 4 * 10 + 1);
    for (long number : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      assertThat(index.first()).isEqualTo(number);
      index.remove(number, 0);
    }
    assertThat(keys()).isEmpty();
  }

  /** For several distributions, compared with a set on the heap. */
  @ParameterizedTest
  @ValueSource(ints = {7, 12, 20, 33, 48, 63, 64})
  void isASetOfNumbersInOrder(int bits) throws Exception {
    Random random = new Random(bits);
    TreeSet<Long> expected = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      long number = random.nextLong() >> (64 - bits);
      switch (random.nextInt(4)) {
        case 0 -> {
          if (expected.size() < 300) {
            expected.add(number);
            index.add(number);
          }
        }
        case 1 -> assertThat(index.contains(number)).isEqualTo(expected.contains(number));
        case 2 -> {
          Long near = expected.ceiling(number);
          if (near != null) {
            expected.remove(near);
            index.remove(near, 0);
          }
        }
        default -> {
          Long first = expected.isEmpty() ? null : expected.first();
          assertThat(index.first()).isEqualTo(first);
          if (first != null && random.nextInt(3) == 0) {
            expected.remove(first);
            index.remove(first, 0);
          }
        }
      }
    }
    for (Long number = index.first(); number != null; number = index.first()) {
      assertThat(number).isEqualTo(expected.pollFirst());
      index.remove(number, 0);
    }
    assertThat(expected).isEmpty();
    assertThat(keys()).isEmpty();
  }

  @Test
  void theBytesGoWithTheLastNumber() throws Exception {
    index.add(5);
    index.addBytes(100);
    index.add(6);
    index.addBytes(11);
    assertThat(index.bytes()).isEqualTo(111);
    index.remove(5, 100);
    assertThat(index.bytes()).isEqualTo(11);
    index.remove(6, 11);
    assertThat(index.bytes()).isZero();
    assertThat(keys()).isEmpty();
  }
}
