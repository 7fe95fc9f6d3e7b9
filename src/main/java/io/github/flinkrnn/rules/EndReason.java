package io.github.flinkrnn.rules;

import java.util.Locale;

/** Why a sequence came to its end. */
public enum EndReason {
  /** A token said {@code end}. */
  END,
  /** The next token said {@code start}. */
  START,
  /** The word that ends a sequence came. */
  END_TOKEN,
  /** The word that begins a sequence came next. */
  START_TOKEN,
  /** It was as long as a sequence may be. */
  MAX_LENGTH,
  /** No token came for the idle timeout. */
  IDLE_TIMEOUT,
  /** Tokens before the next one never came, and the job starts over after a gap. */
  GAP,
  /** The next token met a model with another recurrence. */
  OTHER_MODEL,
  /** The stream ended. */
  END_OF_INPUT;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** As records and metrics spell it: {@code idle-timeout}. */
  public String text() {
    return text;
  }
}
