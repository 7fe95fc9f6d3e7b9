package io.github.flinkrnn.network;

import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * How one field of a record becomes a part of x&lt;t&gt;. The network takes the field as
 * <em>slots</em>: its numbers, or the id of its category. NaN in a slot stands for a missing value.
 *
 * @param field the name of the field
 * @param slots how many slots it has: 1 for a category
 * @param overlap how many of the first slots are numbers of the token before; they are never
 *     missing
 * @param categories the number of categories; 0 for numbers
 * @param embedding E, [categories × width], of a category; null for one-hot
 * @param missing what replaces NaN, [slots]; null if no value can be missing
 * @param hasFlag whether one more number follows: 1 if a value is missing, else 0
 */
@Internal
public record InputPart(
    String field,
    int slots,
    int overlap,
    int categories,
    FMatrixRMaj embedding,
    float[] missing,
    boolean hasFlag) {

  /** The same part with the slots themselves in x&lt;t&gt;: for a category, its id. */
  public InputPart asNumbers() {
    return new InputPart(field, slots, overlap, 0, null, missing, hasFlag);
  }

  /** The length of this part of x&lt;t&gt;. */
  public int width() {
    if (categories == 0) {
      return slots + (hasFlag ? 1 : 0);
    }
    return embedding == null ? categories : embedding.getNumCols();
  }

  /** The number of a slot, or what replaces it if it is missing. */
  public float valueOf(float[] x, int at, int slot) {
    float number = x[at + slot];
    return Float.isNaN(number) && missing != null ? missing[slot] : number;
  }

  /**
   * Writes the numbers of this part, which is no category.
   *
   * @param x holds [slots] from {@code at}
   * @param into receives [width] from {@code to}
   */
  void numbers(float[] x, int at, float[] into, int to) {
    if (missing == null && !hasFlag) { // nothing is replaced
      for (int slot = 0; slot < slots; slot++) {
        into[to + slot] = x[at + slot];
      }
      return;
    }
    float flag = 0;
    for (int slot = 0; slot < slots; slot++) {
      into[to + slot] = valueOf(x, at, slot);
      flag = Float.isNaN(x[at + slot]) ? 1 : flag;
    }
    if (hasFlag) {
      into[to + slots] = flag;
    }
  }

  /** The id of the category in a slot. */
  int category(float[] x, int at) {
    return (int) valueOf(x, at, 0);
  }
}
