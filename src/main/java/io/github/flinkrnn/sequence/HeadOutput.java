package io.github.flinkrnn.sequence;

import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The output of one head at step t, for a model with several. Fields that were not requested are
 * null.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 *
 * @param name the name of the head
 * @param label the name of the largest output
 * @param prediction y&lt;t&gt;, [n_y]
 * @param logits the logits, [n_y]
 * @param top the names of the largest outputs of y&lt;t&gt;, in descending order
 * @param topPrediction the values of y&lt;t&gt; for {@code top}, in the same order
 */
@PublicEvolving
public record HeadOutput(
    String name,
    String label,
    float[] prediction,
    float[] logits,
    String[] top,
    float[] topPrediction) {

  /** No output. */
  public static final HeadOutput NONE = new HeadOutput("", null, null, null, null, null);

  /** {@return whether any field besides the name is present} */
  public boolean hasFields() {
    return label != null || prediction != null || logits != null || top != null;
  }

  /**
   * Compares by content: arrays are equal if their elements are, and floats are compared bit by
   * bit.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof HeadOutput that && Arrays.deepEquals(fields(), that.fields());
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(fields());
  }

  /** The fields that are present. */
  @Override
  public String toString() {
    return FieldText.of(this, fields());
  }

  private Object[] fields() {
    return new Object[] {name, label, prediction, logits, top, topPrediction};
  }
}
