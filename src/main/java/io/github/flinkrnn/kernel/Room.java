package io.github.flinkrnn.kernel;

import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/** Working memory for several sequences: an array of one size for each. Grows as needed. */
@Internal
public final class Room {
  private final int size;
  private float[][] arrays = {};

  /**
   * @param size the length of each array
   */
  public Room(int size) {
    this.size = size;
  }

  /** At least {@code count} arrays, whose contents are undefined. */
  public float[][] of(int count) {
    if (arrays.length < count) {
      int before = arrays.length;
      arrays = Arrays.copyOf(arrays, count);
      for (int i = before; i < count; i++) {
        arrays[i] = new float[size];
      }
    }
    return arrays;
  }
}
