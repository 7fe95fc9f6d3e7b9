package io.github.flinkrnn.formats.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A damaged file gives a model or a one-line error, whatever the damage, and soon. */
@Timeout(60)
class MutatedKerasFileTest {
  private static final int MUTATIONS = 10_000;
  private static final long SEED = 20260917;

  @Test
  void olderFileEndsInAModelOrInOneLine() throws IOException {
    int loaded = 0;
    byte[] whole = KerasFiles.resource("simple-rnn-relu-no-bias/model/model.h5");
    Random random = new Random(SEED);
    for (int i = 0; i < MUTATIONS * 6 / 10; i++) {
      loaded += loads("model.h5", Mutator.damage(whole, random), i);
    }
    // Both outcomes occur: a changed weight is still a weight, but a changed address is invalid.
    assertThat(loaded).isBetween(200, MUTATIONS * 6 / 10 - 1000);
  }

  @Test
  void archiveEndsInAModelOrInOneLine() throws IOException {
    byte[] whole = KerasFiles.resource("simple-rnn/model/model.keras");
    Random random = new Random(SEED);
    int loaded = 0;
    for (int i = 0; i < MUTATIONS / 10; i++) {
      loaded += loads("model.keras", Mutator.damage(whole, random), i);
    }
    // A zip archive has checksums.
    assertThat(loaded).isLessThan(MUTATIONS / 20);
    Map<String, byte[]> entries = KerasFiles.entries(whole);
    String[] names = entries.keySet().toArray(new String[0]);
    loaded = 0;
    for (int i = 0; i < MUTATIONS * 3 / 10; i++) {
      String name = names[random.nextInt(names.length)];
      byte[] before = entries.get(name);
      entries.put(name, Mutator.damage(before, random));
      loaded += loads("model.keras", KerasFiles.zip(entries), i);
      entries.put(name, before);
    }
    assertThat(loaded).isBetween(100, MUTATIONS * 3 / 10 - 500);
  }

  private static int loads(String name, byte[] bytes, int mutation) throws IOException {
    try {
      return new KerasFiles().with(name, bytes).load().outputSize() > 0 ? 1 : 0;
    } catch (InvalidFileException e) {
      assertThat(e.getMessage())
          .as("mutation %d", mutation)
          .startsWith("m/")
          .contains(name)
          .hasLineCount(1);
      return 0;
    }
  }
}
