package io.github.flinkrnn.sequence;

import java.util.Arrays;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What the network says at step t of a sequence. Fields that were not asked for are null.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param key the sequence
 * @param t the step within the sequence, from 1
 * @param token the word that came
 * @param label the name of the largest output
 * @param prediction y&lt;t&gt;, [n_y]
 * @param logits Wya a&lt;t&gt; + by, [n_y]
 * @param hidden the top layer's a&lt;t&gt;, [n_a]
 * @param surprise -ln of the probability that y&lt;t-1&gt; gave to the token that then came
 * @param rank the place of that token among the outputs of y&lt;t-1&gt;; 1 is the most likely
 * @param top the largest outputs of y&lt;t&gt; by name, the largest first
 * @param topPrediction what y&lt;t&gt; says of each of {@code top}, of the same length
 * @param generated whether the model made the token, and nobody sent it
 * @param seq the token's own position
 * @param timestamp the token's event time, epoch milliseconds
 * @param model name and version of the model, {@code name@version}
 * @param carried JSON values carried from the token, in the token's order
 * @param source the record that the token was read from, as {@link Token#source}; of a generated
 *     word, that of the token before it
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
    String[] top,
    float[] topPrediction,
    boolean generated,
    Long seq,
    Long timestamp,
    String model,
    String[] carried,
    SourceRecord source) {

  private static final String[] NAMES = {
    "key",
    "t",
    "token",
    "label",
    "prediction",
    "logits",
    "hidden",
    "surprise",
    "rank",
    "top",
    "topPrediction",
    "generated",
    "seq",
    "timestamp",
    "model",
    "carried",
    "source"
  };

  /**
   * A prediction without rank, surprise and the largest outputs, of a token that came from no
   * record.
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
        false,
        seq,
        timestamp,
        model,
        carried,
        null);
  }

  /** The same prediction without the record that its token was read from. */
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
        top,
        topPrediction,
        generated,
        seq,
        timestamp,
        model,
        carried,
        null);
  }

  /** By content: arrays are equal where their elements are, floats bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Prediction that && Arrays.deepEquals(fields(), that.fields());
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(fields());
  }

  /** The fields that are there. */
  @Override
  public String toString() {
    return FieldText.of("Prediction", NAMES, fields());
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
      top,
      topPrediction,
      generated ? true : null,
      seq,
      timestamp,
      model,
      carried,
      source
    };
  }
}
