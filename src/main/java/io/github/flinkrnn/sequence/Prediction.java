package io.github.flinkrnn.sequence;

import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * The output of the model at step t of a sequence. Fields that were not requested are null.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 *
 * @param key the sequence key
 * @param t the step within the sequence, from 1
 * @param token the word of the token
 * @param label the name of the largest output
 * @param prediction y&lt;t&gt;, [n_y]
 * @param logits Wya a&lt;t&gt; + by, [n_y]
 * @param hidden a&lt;t&gt; of the top layer, [n_a]
 * @param surprise -ln of the probability of this token under y&lt;t-1&gt;
 * @param rank the rank of this token among the outputs of y&lt;t-1&gt;; 1 is the most likely
 * @param error the mean squared difference of y&lt;t-1&gt; and x&lt;t&gt;
 * @param top the names of the largest outputs of y&lt;t&gt;, in descending order
 * @param topPrediction the values of y&lt;t&gt; for {@code top}, in the same order
 * @param outputs label, prediction, logits and top of each head, for a model with several; those of
 *     this record are then null
 * @param generated whether the model generated the token
 * @param isFinal false if a prediction with later tokens follows; null if none ever does
 * @param seq the position of the token
 * @param timestamp the event time of the token, in epoch milliseconds
 * @param model the name and version of the model, as {@code name@version}
 * @param carried the JSON values copied from the token, in the same order
 * @param source the record that the token was read from, as {@link Token#source}; for a generated
 *     word, the record of the token after which it was generated
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public record Prediction(
    String key,
    long t,
    String token,
    String label,
    float[] prediction,
    float[] logits,
    float[] hidden,
    Float surprise,
    Integer rank,
    Float error,
    String[] top,
    float[] topPrediction,
    HeadOutput[] outputs,
    boolean generated,
    Boolean isFinal,
    Long seq,
    Long timestamp,
    String model,
    String[] carried,
    SourceRecord source) {

  /**
   * Creates a prediction without rank, surprise, top outputs and source record.
   *
   * @param key the sequence key
   * @param t the step within the sequence, from 1
   * @param token the word of the token
   * @param label the name of the largest output
   * @param prediction y&lt;t&gt;, [n_y]
   * @param logits Wya a&lt;t&gt; + by, [n_y]
   * @param hidden a&lt;t&gt; of the top layer, [n_a]
   * @param seq the position of the token
   * @param timestamp the event time of the token, in epoch milliseconds
   * @param model the name and version of the model, as {@code name@version}
   * @param carried the JSON values copied from the token, in the same order
   */
  public Prediction(
      String key,
      long t,
      String token,
      String label,
      float[] prediction,
      float[] logits,
      float[] hidden,
      Long seq,
      Long timestamp,
      String model,
      String[] carried) {
    this(
        key,
        t,
        token,
        label,
        prediction,
        logits,
        hidden,
        null,
        null,
        null,
        null,
        null,
        null,
        false,
        null,
        seq,
        timestamp,
        model,
        carried,
        null);
  }

  /**
   * The output of a head, for a model with several.
   *
   * @param head the name of the head
   * @return its output; null if the prediction has none of it
   */
  public HeadOutput output(String head) {
    if (outputs != null) {
      for (HeadOutput output : outputs) {
        if (output.name().equals(head)) {
          return output;
        }
      }
    }
    return null;
  }

  /** {@return a copy of this prediction without the source record} */
  public Prediction withoutSource() {
    return new Prediction(
        key,
        t,
        token,
        label,
        prediction,
        logits,
        hidden,
        surprise,
        rank,
        error,
        top,
        topPrediction,
        outputs,
        generated,
        isFinal,
        seq,
        timestamp,
        model,
        carried,
        null);
  }

  /**
   * Compares by content: arrays are equal if their elements are, and floats are compared bit by
   * bit.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof Prediction that && Arrays.deepEquals(fields(), that.fields());
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
    return new Object[] {
      key,
      t,
      token,
      label,
      prediction,
      logits,
      hidden,
      surprise,
      rank,
      error,
      top,
      topPrediction,
      outputs,
      generated ? true : null,
      isFinal,
      seq,
      timestamp,
      model,
      carried,
      source
    };
  }
}
