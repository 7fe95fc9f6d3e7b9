package io.github.flinkrnn.rules;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/** The fields of a prediction besides its key and t. */
@PublicEvolving
public enum OutputField {
  /** The word of the token. */
  TOKEN,
  /** The name of the largest output. */
  LABEL,
  /** y&lt;t&gt;, [n_y]. */
  PREDICTION,
  /** Wya a&lt;t&gt; + by, [n_y]. */
  LOGITS,
  /** a&lt;t&gt; of the top layer, [n_a]. */
  HIDDEN,
  /** -ln of the probability that y&lt;t-1&gt; gave to the token. */
  SURPRISE,
  /** The rank of the token among the outputs of y&lt;t-1&gt;, from 1. */
  RANK,
  /** The mean squared difference of y&lt;t-1&gt; and x&lt;t&gt;. */
  ERROR,
  /** The position of the token. */
  SEQ,
  /** The event time of the token, in epoch milliseconds. */
  TIMESTAMP,
  /** The name and version of the model. */
  MODEL;

  /** {@return the fields by their names in the job file} */
  public static Map<String, OutputField> byName() {
    Map<String, OutputField> names = new LinkedHashMap<>();
    for (OutputField field : values()) {
      names.put(field.name().toLowerCase(Locale.ROOT), field);
    }
    return Collections.unmodifiableMap(names);
  }
}
