package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import org.apache.flink.annotation.Internal;

/** A record that is not a token. Without a stack trace, because it is expected. */
@Internal
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
