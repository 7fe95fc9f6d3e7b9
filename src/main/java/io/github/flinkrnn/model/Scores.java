package io.github.flinkrnn.model;

import io.github.flinkrnn.kernel.Kernel;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/**
 * Computes scores of single outputs from logits, with the same bits on every JVM: additions in a
 * fixed order, and logarithms of {@link StrictMath}.
 */
@Internal
public final class Scores {
  private Scores() {}

  /**
   * The rank of an output: 1 is the most likely. Equal outputs share the best rank.
   *
   * @param logits [n_y]
   * @param output the index of the output, from 0
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
   * The surprise of an output in nats, -ln of its softmax probability: ln(sum_j e^(z_j - m)) -
   * (z_output - m), where m is the largest z. Finite even if the probability underflows to 0.
   *
   * @param logits [n_y], finite
   * @param output the index of the output, from 0
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
    // At least 0, even if rounding makes the sum slightly less than 1; at most the largest float.
    return (float) Math.min(Float.MAX_VALUE, Math.max(0, surprise));
  }

  /** The index of the largest number, the first of equal ones. */
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
   * The indices of the k largest numbers, largest first; equal numbers in their order. Takes one
   * pass, log k comparisons for each number that is among the k largest so far, and a sort of k.
   *
   * @param numbers must not contain NaN
   * @param k at most the length of {@code numbers}
   */
  public static int[] largestAt(float[] numbers, int k) {
    int[] places = new int[k];
    if (k == 0) {
      return places;
    }
    long[] heap = new long[k]; // a min-heap, the smallest key at 0
    for (int i = 0; i < k; i++) {
      heap[i] = key(numbers[i], i);
    }
    for (int at = k / 2 - 1; at >= 0; at--) {
      sink(heap, at, heap[at]);
    }
    float least = numbers[place(heap[0])];
    for (int i = k; i < numbers.length; i++) {
      if (numbers[i] > least) {
        sink(heap, 0, key(numbers[i], i));
        least = numbers[place(heap[0])];
      }
    }
    Arrays.sort(heap);
    for (int i = 0; i < k; i++) {
      places[i] = place(heap[k - 1 - i]);
    }
    return places;
  }

  /** A key that is larger for a larger number, and for the earlier of equal numbers. */
  private static long key(float number, int place) {
    int bits = Float.floatToRawIntBits(number + 0f); // -0 equals 0
    int ordered = bits ^ (bits >> 31 & Integer.MAX_VALUE);
    return (long) ordered << 32 | (~place & 0xffffffffL);
  }

  private static int place(long key) {
    return ~(int) key;
  }

  /** Replaces the key at {@code from} and restores the heap below it. */
  private static void sink(long[] heap, int from, long key) {
    int at = from;
    for (int below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1] < heap[below]) {
        below++;
      }
      if (key <= heap[below]) {
        break;
      }
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = key;
  }
}
