package io.github.flinkrnn.bench;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.OurBatch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The time of a step of one sequence, alone and in a batch, with the weights of a file of floats
 * and of a file of BF16, in turns.
 */
final class NarrowRounds {
  /** How many sequences. */
  static final List<Integer> SIZES = List.of(1, 32);

  private final double[][] floats; // nanoseconds, by size and round
  private final double[][] narrow;

  private NarrowRounds(int rounds) {
    floats = new double[SIZES.size()][rounds];
    narrow = new double[SIZES.size()][rounds];
  }

  static NarrowRounds of(RnnModel floats, RnnModel narrow, float[][] tokens, boolean quick) {
    NarrowRounds rounds = new NarrowRounds(quick ? 15 : 31);
    for (int s = 0; s < SIZES.size(); s++) {
      rounds.measure(s, floats, narrow, tokens, quick);
    }
    return rounds;
  }

  private void measure(
      int s, RnnModel ofFloats, RnnModel ofNarrow, float[][] tokens, boolean quick) {
    int size = SIZES.get(s);
    OurBatch first = new OurBatch(ofFloats, size);
    OurBatch second = new OurBatch(ofNarrow, size);
    double warmUp = quick ? 0.8 : 2;
    double sample = quick ? 0.02 : 0.05;
    int steps = BatchRounds.steps(first, tokens, size, warmUp, sample);
    int narrowSteps = BatchRounds.steps(second, tokens, size, warmUp, sample);
    for (int round = 0; round < floats[s].length; round++) {
      if (round % 2 == 0) {
        floats[s][round] = BatchRounds.nanos(first, tokens, size, steps);
      }
      narrow[s][round] = BatchRounds.nanos(second, tokens, size, narrowSteps);
      if (round % 2 == 1) {
        floats[s][round] = BatchRounds.nanos(first, tokens, size, steps);
      }
    }
  }

  Map<String, Double> ofFloats() {
    return medians(floats);
  }

  Map<String, Double> ofNarrow() {
    return medians(narrow);
  }

  /** How many times as long a step takes with floats: the medians of the rounds. */
  Map<String, Double> gain() {
    double[][] ratios = new double[SIZES.size()][floats[0].length];
    for (int s = 0; s < ratios.length; s++) {
      int size = s;
      Arrays.setAll(ratios[s], round -> floats[size][round] / narrow[size][round]);
    }
    return medians(ratios);
  }

  private static Map<String, Double> medians(double[][] values) {
    Map<String, Double> medians = new LinkedHashMap<>();
    for (int s = 0; s < values.length; s++) {
      medians.put(String.valueOf(SIZES.get(s)), Medians.quantile(values[s], 0.5));
    }
    return medians;
  }
}
