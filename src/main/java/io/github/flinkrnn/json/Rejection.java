package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;

/** Ends the reading of a record that cannot be a token. Expected, hence without a stack trace. */
public final class Rejection extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  Rejection(Reason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
