package io.github.flinkrnn.rules;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/** The fields of a prediction besides its key and t. */
@PublicEvolving
public enum OutputField {
  TOKEN,
  LABEL,
  PREDICTION,
  LOGITS,
  HIDDEN,
  SURPRISE,
  RANK,
  SEQ,
  TIMESTAMP,
  MODEL;

  /** The fields by their names in the job file. */
  public static Map<String, OutputField> byName() {
    Map<String, OutputField> names = new LinkedHashMap<>();
    for (OutputField field : values()) {
      names.put(field.name().toLowerCase(Locale.ROOT), field);
    }
    return Collections.unmodifiableMap(names);
  }
}
