package io.github.flinkrnn.bench;

import io.github.flinkrnn.machine.Kept;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.OurBatch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The time of a step of one sequence when several are computed together, in turns. */
final class BatchRounds {
  /** How many sequences. */
  static final List<Integer> SIZES = List.of(1, 4, 32);

  private final double[][] nanos = new double[SIZES.size()][]; // by size and round

  BatchRounds(double[][] nanos) {
    System.arraycopy(nanos, 0, this.nanos, 0, this.nanos.length);
  }

  static BatchRounds of(RnnModel model, float[][] tokens, boolean quick) {
    double warmUp = quick ? 0.8 : 2;
    double sample = quick ? 0.02 : 0.05;
    int rounds = quick ? 9 : 31;
    OurBatch[] batches = new OurBatch[SIZES.size()];
    int[] steps = new int[batches.length];
    for (int b = 0; b < batches.length; b++) {
      batches[b] = new OurBatch(model, SIZES.get(b));
      steps[b] = steps(batches[b], tokens, SIZES.get(b), warmUp, sample);
    }
    double[][] nanos = new double[batches.length][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < batches.length; turn++) {
        int b = (round + turn) % batches.length; // another size is first in each round
        nanos[b][round] = nanos(batches[b], tokens, SIZES.get(b), steps[b]);
      }
    }
    return new BatchRounds(nanos);
  }

  /** Warms up for some seconds, and returns how many steps a sample of some seconds has. */
  static int steps(OurBatch batch, float[][] tokens, int size, double warmUp, double sample) {
    long begin = System.nanoTime();
    double last;
    do {
      last = nanos(batch, tokens, size, 64);
    } while (System.nanoTime() - begin < warmUp * 1e9);
    return (int) Math.max(8, sample * 1e9 / (last * size));
  }

  /** The nanoseconds of a step of one sequence. */
  static double nanos(OurBatch batch, float[][] tokens, int size, int steps) {
    float[][] x = new float[size][];
    float kept = 0;
    long begin = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < size; i++) {
        x[i] = tokens[(step + i) % tokens.length];
      }
      kept += batch.step(x)[size - 1][0];
    }
    double nanos = (double) (System.nanoTime() - begin) / steps / size;
    Kept.keep(kept);
    return nanos;
  }

  /** The medians, by the number of sequences. */
  Map<String, Double> medians() {
    Map<String, Double> medians = new LinkedHashMap<>();
    for (int b = 0; b < nanos.length; b++) {
      medians.put(String.valueOf(SIZES.get(b)), Medians.quantile(nanos[b], 0.5));
    }
    return medians;
  }

  /**
   * How many times as long a step takes alone as in the largest batch: the median of the rounds.
   */
  double gain() {
    double[] alone = nanos[0];
    double[] together = nanos[nanos.length - 1];
    double[] ratios = new double[alone.length];
    Arrays.setAll(ratios, round -> alone[round] / together[round]);
    return Medians.quantile(ratios, 0.5);
  }
}
