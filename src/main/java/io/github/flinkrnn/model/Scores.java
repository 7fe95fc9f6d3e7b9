package io.github.flinkrnn.model;

import io.github.flinkrnn.kernel.Kernel;

/**
 * What logits say of single outputs, with the same bits on every JVM: additions in their order, and
 * logarithms of {@link StrictMath}.
 */
public final class Scores {
  private Scores() {}

  /**
   * The place of an output among all: 1 is the most likely. Equals share the best place of them.
   *
   * @param logits [n_y]
   * @param output from 0
   */
  public static int rank(float[] logits, int output) {
    int rank = 1;
    for (float z : logits) {
      if (z > logits[output]) {
        rank++;
      }
    }
    return rank;
  }

  /**
   * -ln of an output's softmax probability, in nats: ln(sum_j e^(z_j - m)) - (z_output - m), m
   * being the largest z. Finite also where the probability itself is no float any more.
   *
   * @param logits [n_y], finite
   * @param output from 0
   */
  public static float surprise(float[] logits, int output) {
    float largest = largest(logits);
    float[] shifted = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      shifted[i] = logits[i] - largest;
    }
    float[] powers = new float[logits.length];
    Kernel.best().exp(shifted, 0, powers, 0, powers.length);
    double sum = 0;
    for (float power : powers) {
      sum += power;
    }
    double surprise = StrictMath.log(sum) + ((double) largest - logits[output]);
    // At least 0, also where rounding has made a sum of one a little less; at most what a float is.
    return (float) Math.min(Float.MAX_VALUE, Math.max(0, surprise));
  }

  /** The largest number's place, the first of equals. */
  public static int largestAt(float[] numbers) {
    int largest = 0;
    for (int i = 1; i < numbers.length; i++) {
      if (numbers[i] > numbers[largest]) {
        largest = i;
      }
    }
    return largest;
  }

  private static float largest(float[] numbers) {
    return numbers[largestAt(numbers)];
  }

  /**
   * The places of the k largest numbers, the largest first; of equals the first first.
   *
   * @param k at most the numbers' length
   */
  public static int[] largestAt(float[] numbers, int k) {
    int[] places = new int[k];
    int found = 0;
    for (int i = 0; i < numbers.length; i++) {
      int at = found;
      while (at > 0 && numbers[i] > numbers[places[at - 1]]) {
        at--;
      }
      if (at < k) {
        int moved = Math.min(found, k - 1) - at;
        System.arraycopy(places, at, places, at + 1, moved);
        places[at] = i;
        found = Math.min(found + 1, k);
      }
    }
    return places;
  }
}
