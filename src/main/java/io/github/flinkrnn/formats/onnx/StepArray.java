package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.NumberArray;
import io.github.flinkrnn.formats.Tensor;
import java.util.Arrays;

/**
 * Numbers of config.json for an input of a step graph.
 *
 * @param file the name of config.json in errors
 * @param place their path in it
 * @param numbers what it says
 * @param input the input that takes them; its type is supported
 */
record StepArray(String file, String place, NumberArray numbers, ValueInfo input) {
  /**
   * The shape of the input. A free dimension takes the length of the array.
   *
   * @throws InvalidFileException when the numbers have another shape
   */
  long[] shape() {
    int[] given = numbers.shape();
    if (numbers.numbers().isEmpty()) {
      throw invalid("expected at least one number, found none");
    }
    if (input.sizes() == null) {
      return Arrays.stream(given).asLongStream().toArray();
    }
    long[] shape = input.sizes().clone();
    boolean fits;
    if (given.length == shape.length) {
      fits = true;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = shape[i] == -1 ? given[i] : shape[i];
        fits &= shape[i] == given[i];
      }
    } else {
      boolean isList = given.length == 1 && shape.length > 1;
      fits = (isList || given.length == 0) && fill(shape, numbers.numbers().size());
    }
    if (!fits) {
      String found = given.length == 0 ? "one number" : Tensor.shapeText(given);
      throw invalid("expected the shape of " + input + ", found " + found);
    }
    return shape;
  }

  /**
   * Sets the free dimensions for numbers without a shape: one takes the length of the array,
   * several are 1. Whether the numbers fit.
   */
  private static boolean fill(long[] shape, long count) {
    long left = count;
    int free = -1;
    int frees = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1) {
        shape[i] = 1;
        free = i;
        frees++;
      } else if (shape[i] == 0 || left % shape[i] != 0) {
        return false;
      } else {
        left /= shape[i];
      }
    }
    if (frees == 1) {
      shape[free] = left;
      left = 1;
    }
    return left == 1;
  }

  /**
   * The numbers as the words of the input's type.
   *
   * @throws InvalidFileException when one is not of that type
   */
  float[] words() {
    int[] wrong = {0};
    float[] words = input.stepType().words(numbers.numbers(), wrong);
    if (words != null) {
      return words;
    }
    StringBuilder at = new StringBuilder(place);
    int rest = wrong[0];
    int size = numbers.numbers().size();
    for (int length : numbers.shape()) {
      size /= length;
      at.append('[').append(rest / size).append(']');
      rest %= size;
    }
    throw new InvalidFileException(
        file,
        at.toString(),
        "expected "
            + input.stepType().expected()
            + " for "
            + input.typed()
            + ", found "
            + numbers.numbers().get(wrong[0]));
  }

  private InvalidFileException invalid(String problem) {
    return new InvalidFileException(file, place, problem);
  }
}
