package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which items are taken together, and when there is no room for more. */
class CollectedTest {
  /** A key with any hash code. */
  private record Key(String name, int hash) {
    @Override
    public int hashCode() {
      return hash;
    }
  }

  private static List<Object> taken(Collected collected) {
    int count = collected.keys();
    Collected.Item[] items = collected.takeFirsts();
    List<Object> contents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      contents.add(items[i].key + " " + items[i].content);
    }
    return contents;
  }

  @Test
  void theFirstItemOfEachKeyIsTaken() {
    Collected collected = new Collected(4);
    assertThat(collected.isEmpty()).isTrue();
    for (String item : List.of("b1", "a1", "b2", "a2", "c1", "b3")) {
      collected.add(item.substring(0, 1), item.substring(1));
    }
    assertThat(collected.keys()).isEqualTo(3);
    assertThat(collected.isFull()).isFalse();
    assertThat(taken(collected)).containsExactly("b 1", "a 1", "c 1");
    assertThat(collected.keys()).isEqualTo(2);
    collected.add("a", 3);
    collected.add("d", 1);
    assertThat(taken(collected)).containsExactly("b 2", "a 2", "d 1");
    collected.add("b", 4); // behind b 3, which was behind b 2
    assertThat(taken(collected)).containsExactly("b 3", "a 3");
    assertThat(collected.isEmpty()).isFalse();
    assertThat(taken(collected)).containsExactly("b 4");
    assertThat(collected.isEmpty()).isTrue();
    assertThat(taken(collected)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "32", "1000", "1024"})
  void isFullWithAsManyKeysAsItsSize(int size) {
    Collected collected = new Collected(size);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < size; i++) {
        assertThat(collected.isFull()).isFalse();
        collected.add(i, i);
      }
      assertThat(collected.isFull()).isTrue();
      assertThat(collected.keys()).isEqualTo(size);
      assertThat(taken(collected))
          .hasSize(size)
          .startsWith("0 0")
          .endsWith(size - 1 + " " + (size - 1));
      assertThat(collected.isEmpty()).isTrue();
    }
  }

  @Test
  void isFullWithAsManyItemsBehindTheFirstOnes() {
    Collected collected = new Collected(3);
    for (int i = 1; i <= 4; i++) {
      assertThat(collected.isFull()).isFalse();
      collected.add("hot", i);
    }
    assertThat(collected.isFull()).isTrue();
    assertThat(taken(collected)).containsExactly("hot 1");
    assertThat(collected.isFull()).isFalse();
    collected.add("other", 1);
    assertThat(collected.isFull()).isFalse();
    collected.add("other", 2);
    assertThat(collected.isFull()).isTrue();
    assertThat(taken(collected)).containsExactly("hot 2", "other 1");
    assertThat(taken(collected)).containsExactly("hot 3", "other 2");
    assertThat(taken(collected)).containsExactly("hot 4");
    assertThat(collected.isEmpty()).isTrue();
  }

  /** With few different hash codes, most keys are not in the slot of their hash code. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "7, 1", "7, 3", "64, 1", "64, 5", "64, 1000000", "1024, 40"})
  void manyKeysWithEqualHashCodesAreDistinct(int size, int hashCodes) {
    Random random = new Random(size + hashCodes);
    Key[] keys = new Key[2 * size];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = new Key("k" + i, random.nextInt(hashCodes) - hashCodes / 2);
    }
    Collected collected = new Collected(size);
    Map<Key, Queue<Integer>> expected = new LinkedHashMap<>();
    int behind = 0;
    for (int i = 0; i < 60 * size; i++) {
      boolean isHot = random.nextInt(4) == 0;
      Key key = keys[isHot ? random.nextInt(2) : random.nextInt(keys.length)];
      Queue<Integer> its = expected.computeIfAbsent(key, k -> new ArrayDeque<>());
      behind += its.isEmpty() ? 0 : 1;
      its.add(i);
      collected.add(new Key(key.name(), key.hash()), i); // equal, but another object
      assertThat(collected.keys()).isEqualTo(expected.size());
      assertThat(collected.isFull()).isEqualTo(expected.size() == size || behind == size);
      if (collected.isFull() || random.nextInt(size) == 0) {
        List<Object> firsts = new ArrayList<>();
        for (Iterator<Map.Entry<Key, Queue<Integer>>> all = expected.entrySet().iterator();
            all.hasNext(); ) {
          Map.Entry<Key, Queue<Integer>> entry = all.next();
          firsts.add(entry.getKey() + " " + entry.getValue().remove());
          if (entry.getValue().isEmpty()) {
            all.remove();
          }
        }
        behind -= expected.size();
        assertThat(taken(collected)).isEqualTo(firsts);
      }
    }
  }
}
