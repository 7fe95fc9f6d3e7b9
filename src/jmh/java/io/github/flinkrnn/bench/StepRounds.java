package io.github.flinkrnn.bench;

import io.github.flinkrnn.machine.Kept;
import io.github.flinkrnn.network.Step;

/**
 * The times of two implementations of a step, measured in turns. If the machine is slower for a
 * while, both are, so the ratio within a round compares measurements close in time.
 */
final class StepRounds {
  private final double[] ours;
  private final double[] theirs;

  /**
   * @param ours nanoseconds per step, for each round
   */
  StepRounds(double[] ours, double[] theirs) {
    this.ours = ours;
    this.theirs = theirs;
  }

  static StepRounds of(Step ours, Step theirs, float[][] tokens, boolean quick) {
    double warmUp = quick ? 0.8 : 2;
    double sample = quick ? 0.02 : 0.05;
    int rounds = quick ? 15 : 31;
    int ourSteps = stepsOf(sample, nanos(ours, tokens, warmUp));
    int theirSteps = stepsOf(sample, nanos(theirs, tokens, warmUp));
    double[] ourNanos = new double[rounds];
    double[] theirNanos = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      // The order alternates, so that neither always runs with the cache of the other.
      if (round % 2 == 0) {
        ourNanos[round] = nanos(ours, tokens, ourSteps);
        theirNanos[round] = nanos(theirs, tokens, theirSteps);
      } else {
        theirNanos[round] = nanos(theirs, tokens, theirSteps);
        ourNanos[round] = nanos(ours, tokens, ourSteps);
      }
    }
    return new StepRounds(ourNanos, theirNanos);
  }

  private static int stepsOf(double seconds, double nanosAStep) {
    return (int) Math.max(8, seconds * 1e9 / nanosAStep);
  }

  /** Computes steps for some seconds. Returns the time of a step at the end. */
  private static double nanos(Step step, float[][] tokens, double seconds) {
    long begin = System.nanoTime();
    double last;
    do {
      last = nanos(step, tokens, tokens.length);
    } while (System.nanoTime() - begin < seconds * 1e9);
    return last;
  }

  private static double nanos(Step step, float[][] tokens, int steps) {
    float kept = 0;
    long begin = System.nanoTime();
    for (int i = 0, at = 0; i < steps; i++) {
      kept += step.step(tokens[at])[0];
      at = at + 1 == tokens.length ? 0 : at + 1;
    }
    double nanos = (double) (System.nanoTime() - begin) / steps;
    Kept.keep(kept);
    return nanos;
  }

  int count() {
    return ours.length;
  }

  double ourNanos() {
    return Medians.quantile(ours, 0.5);
  }

  double theirNanos() {
    return Medians.quantile(theirs, 0.5);
  }

  /** A quantile of the ratios of the rounds, theirs divided by ours. */
  double ratio(double p) {
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = theirs[i] / ours[i];
    }
    return Medians.quantile(ratios, p);
  }
}
