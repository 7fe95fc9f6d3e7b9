package io.github.flinkrnn.rules;

import java.util.Locale;
import org.apache.flink.annotation.Internal;

/** Why a sequence ended. */
@Internal
public enum EndReason {
  /** A token had {@code end}. */
  END,
  /** The next token had {@code start}. */
  START,
  /** The token was the end token. */
  END_TOKEN,
  /** The next token was the start token. */
  START_TOKEN,
  /** The sequence reached the maximum length. */
  MAX_LENGTH,
  /** No token arrived within the idle timeout. */
  IDLE_TIMEOUT,
  /** Tokens before the next one never arrived, and {@link OnGap#RESTART} applies. */
  GAP,
  /** The model was replaced by one with another recurrence before the next token. */
  OTHER_MODEL,
  /** A tombstone of the key arrived. */
  TOMBSTONE,
  /** The stream ended. */
  END_OF_INPUT;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The spelling in records and metrics: {@code idle-timeout}. */
  public String text() {
    return text;
  }
}
