package io.github.flinkrnn.rules;

/** What becomes of a sequence when tokens of it never came. */
public enum OnGap {
  /** The next token there is continues it. */
  CONTINUE,
  /** The next token there is begins a new one. */
  RESTART,
  /** Those that waited after the gap are rejected; what comes after them continues it. */
  REJECT
}
