package io.github.flinkrnn.formats.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.rig.fuzz.JsonMutator;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /**
   * Layouts of Keras 2 and graphs: the JSON as JSON, and the rest as bytes. The entries of an
   * archive have correct checksums.
   */
  @ParameterizedTest
  @CsvSource({
    "keras-layouts/list-of-layers/model/model.h5, false",
    "keras-layouts/functional/model/model.h5, false",
    "keras-layouts/windows/model/model.keras, true",
    "keras-layouts/nested/model/model.keras, true",
    "keras-real/residual/model/model.keras, true",
    "keras-real/heads-of-two-cells/model/model.keras, true",
    "keras-real/masking/model/model.keras, true",
    "keras-real/cells/model/model.keras, true",
    "keras-real/scales/model/model.keras, true",
    "keras-real/last-step-h5/model/model.h5, false"
  })
  void otherLayoutsEndInAModelOrInOneLine(String path, boolean isArchive) throws IOException {
    String name = isArchive ? "model.keras" : "model.h5";
    byte[] whole = KerasFiles.resource("../" + path);
    Random random = new Random(SEED);
    Map<String, byte[]> entries = isArchive ? KerasFiles.entries(whole) : Map.of();
    int loaded = 0;
    for (int i = 0; i < MUTATIONS / 20; i++) {
      byte[] mutated;
      if (isArchive) {
        String entry = i % 4 == 3 ? "model.weights.h5" : "config.json";
        byte[] before = entries.get(entry);
        entries.put(
            entry,
            i % 4 < 2 ? JsonMutator.mutated(before, random) : Mutator.damage(before, random));
        mutated = KerasFiles.zip(entries);
        entries.put(entry, before);
      } else {
        mutated = Mutator.damage(whole, random);
      }
      loaded += loads(name, mutated, i);
    }
    assertThat(loaded).as("models").isBetween(10, MUTATIONS / 20 - 50);
  }

  private static int loads(String name, byte[] bytes, int mutation) throws IOException {
    try (RnnModel model = new KerasFiles().with(name, bytes).load();
        RnnStepper stepper = model.stepper()) {
      float[] next = new float[model.stateSize()];
      stepper.step(new float[model.input().size()], model.initialState(), next);
      assertThat(stepper.prediction(stepper.logits(next))).hasSize(model.outputSize());
      return 1;
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
