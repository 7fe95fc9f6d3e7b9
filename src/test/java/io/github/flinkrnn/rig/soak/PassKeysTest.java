package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PassKeysTest {
  private final PassKeys keys = new PassKeys(1, 1000);

  @Test
  void eachPassHasEveryKeyInAnOrderOfItsOwn() {
    int[] first = keys.order(0);
    int[] second = keys.order(1);

    assertThat(first).isNotEqualTo(second).isEqualTo(new PassKeys(1, 1000).order(0));
    assertThat(Arrays.stream(first).sorted()).containsExactlyElementsOf(numbers());
    assertThat(Arrays.stream(second).sorted()).containsExactlyElementsOf(numbers());
  }

  private static Iterable<Integer> numbers() {
    return IntStream.range(0, 1000).boxed().toList();
  }

  @Test
  void onePassFollowsAnother() {
    IntSupplier next = keys.start();

    assertThat(IntStream.generate(next).limit(1000)).containsExactly(boxed(keys.order(0)));
    assertThat(IntStream.generate(next).limit(1000)).containsExactly(boxed(keys.order(1)));
    assertThat(next.getAsInt()).isEqualTo(keys.order(2)[0]);
    assertThat(keys.start().getAsInt()).isEqualTo(keys.order(0)[0]);
  }

  private static Integer[] boxed(int[] numbers) {
    return Arrays.stream(numbers).boxed().toArray(Integer[]::new);
  }

  @Test
  void thePassThatIsCutShortHasTheFirstKeysOfItsOrder() {
    int[] counts = keys.counts(3002);

    int[] order = keys.order(3);
    assertThat(Arrays.stream(counts).sum()).isEqualTo(3002);
    assertThat(counts[order[0]]).isEqualTo(4);
    assertThat(counts[order[1]]).isEqualTo(4);
    assertThat(counts[order[2]]).isEqualTo(3);
  }

  @Test
  void theSampleHasNoKeyTwiceAndNeverMoreThanThereAre() {
    int[] counts = keys.counts(4000);

    assertThat(keys.sample(100, counts)).hasSize(100).doesNotHaveDuplicates();
    assertThat(keys.sample(2000, counts)).hasSize(1000).doesNotHaveDuplicates();
  }
}
