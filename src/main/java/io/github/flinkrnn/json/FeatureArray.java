package io.github.flinkrnn.json;

import java.util.Arrays;

/**
 * An array into which features are read. It has the length of the last token's features, which is
 * nearly always that of the next. The array becomes the features if it is full. Otherwise, it is
 * used again: after one long token, many short ones would allocate its length each. Not
 * thread-safe.
 */
final class FeatureArray {
  private int expected;
  private float[] array; // null if it became the features of a token

  /** The next features probably have this length. */
  void expect(int length) {
    expected = length;
  }

  /** An array of the expected length, with any content. */
  float[] take() {
    if (array == null || array.length != expected) {
      array = new float[expected];
    }
    return array;
  }

  /**
   * The first numbers of an array.
   *
   * @param numbers what {@link #take} returned, or a longer array
   */
  @SuppressWarnings("ReferenceEquality")
  float[] of(float[] numbers, int length) {
    if (length < numbers.length) {
      return Arrays.copyOf(numbers, length);
    }
    if (numbers == array) {
      array = null;
    }
    return numbers;
  }
}
