package io.github.flinkrnn.sequence;

import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/** Why a record could not be a token of a sequence. */
@PublicEvolving
public enum Reason {
  /** A tombstone, or a value without a byte. */
  EMPTY,
  /** Not one JSON value in UTF-8. */
  NOT_JSON,
  /** Longer than the job takes, or its prediction longer than the topic takes. */
  TOO_LARGE,
  /** Objects or lists nested deeper than the job takes. */
  TOO_DEEP,
  MISSING_FIELD,
  WRONG_TYPE,
  /** A word that is not in the vocabulary of a model without an unknown token. */
  UNKNOWN_TOKEN,
  /** Features of another length than the model takes. */
  WRONG_LENGTH,
  /** NaN or infinite as float32: a number of the record, or the step that it led to. */
  NOT_FINITE,
  /** It came when its sequence had gone past it. */
  LATE,
  /** Tokens before it never came, and the job rejects what comes after a gap. */
  GAP,
  /** Its event time is further ahead of the record's own time than the job takes. */
  TOO_EARLY,
  /** What runs the step graph refuses it. */
  NOT_ACCEPTED;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** As dead letters and metrics spell it: {@code not-json}. */
  public String text() {
    return text;
  }
}
