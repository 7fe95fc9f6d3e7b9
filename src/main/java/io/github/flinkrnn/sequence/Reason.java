package io.github.flinkrnn.sequence;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.annotation.PublicEvolving;

/** Why a record was rejected. */
@PublicEvolving
public enum Reason {
  /** The record is a tombstone, or its value is empty. */
  EMPTY,
  /** The value is not exactly one JSON value in UTF-8. */
  NOT_JSON,
  /** The record exceeds the limit of the job, or its prediction exceeds the limit of the topic. */
  TOO_LARGE,
  /** Objects or arrays are nested more than 100 levels deep. */
  TOO_DEEP,
  /** A field that the model or the job needs is absent or null. */
  MISSING_FIELD,
  /** A field has another JSON type than expected. */
  WRONG_TYPE,
  /** The word is not in the vocabulary, and the model has no unknown token. */
  UNKNOWN_TOKEN,
  /**
   * The features have a different length than the model expects, or the key of the Kafka record has
   * a different length than the job's format of keys.
   */
  WRONG_LENGTH,
  /** A number is NaN or infinite as float32, in the record or in the resulting step. */
  NOT_FINITE,
  /** A later token was already taken, or another token with the same number already waits. */
  LATE,
  /** The token follows a gap, and the job rejects tokens after a gap. */
  GAP,
  /** The event time is further ahead of the time of the record than the job allows. */
  TOO_EARLY,
  /** The runtime of the step graph does not accept the token. */
  NOT_ACCEPTED;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** {@return the name in dead letters and metrics, for example {@code not-json}} */
  public String text() {
    return text;
  }

  /**
   * The reason with a name.
   *
   * @param text the name in dead letters and metrics
   * @return the reason; empty if none has this name
   */
  public static Optional<Reason> of(String text) {
    return Stream.of(values()).filter(reason -> reason.text.equals(text)).findFirst();
  }
}
