package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rig.faults.Counts;
import io.github.flinkrnn.rig.faults.Reference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions of keys by Zipf's law, as they come from the topic. */
class PredictionsTest {
  private static final int KEYS = 50;
  private static final int TOKENS = 200;
  private static final ZipfKeys ORDER = new ZipfKeys(1, KEYS);

  private record Arrived(int key, byte[] prediction) {}

  @TempDir private Path directory;
  private final SoakTokens tokens = new SoakTokens(1, KEYS, SoakModel.WORDS);
  private final List<Arrived> all = new ArrayList<>();
  private RnnModel model;
  private Predictions predictions;

  @BeforeEach
  void computeAll() throws IOException {
    model = RnnModel.load(SoakModel.write(directory.resolve("model"), 1));
    predictions = new Predictions(tokens, ORDER, TOKENS, model, 10);
    Reference reference = new Reference(model);
    IntSupplier next = ORDER.start();
    int[] seqs = new int[KEYS];
    for (int i = 0; i < TOKENS; i++) {
      int key = next.getAsInt();
      int seq = ++seqs[key];
      String name = new String(tokens.key(key), US_ASCII);
      all.add(new Arrived(key, reference.step(name, tokens.word(key, seq), seq, false)));
    }
  }

  @AfterEach
  void close() {
    model.close();
  }

  private void see(List<Arrived> some) {
    some.forEach(one -> predictions.see(tokens.key(one.key()), one.prediction()));
  }

  @Test
  void allAreRight() {
    see(all);

    assertThat(predictions.counts()).isEqualTo(Counts.NONE);
    assertThat(predictions.compared()).isEqualTo(10);
    assertThat(predictions.keys()).isEqualTo(44);
  }

  @Test
  void afterALostPredictionTheOthersAreStillCompared() {
    int hottest = ORDER.key(1);
    Arrived lost = all.stream().filter(one -> one.key() == hottest).findFirst().orElseThrow();
    all.remove(lost);
    see(all);

    assertThat(predictions.counts()).isEqualTo(new Counts(1, 0, 0, 0));
  }

  @Test
  void eachDifferentBitOfASampledKeyIsFound() {
    int hottest = ORDER.key(1);
    int different = 0;
    for (Arrived one : all) {
      if (one.key() == hottest) {
        String right = new String(one.prediction(), US_ASCII);
        byte[] other = right.replace("0.", "1.").getBytes(US_ASCII);
        different++;
        see(List.of(new Arrived(hottest, other)));
      } else {
        see(List.of(one));
      }
    }

    assertThat(different).isEqualTo(45);
    assertThat(predictions.counts()).isEqualTo(new Counts(0, 0, 0, different));
  }

  @Test
  void whatComesTwiceOrLateIsCountedOnce() {
    see(all);
    see(all.subList(0, 3));

    assertThat(predictions.counts()).isEqualTo(new Counts(0, 3, 0, 0));
  }
}
