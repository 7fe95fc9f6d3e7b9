package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import org.apache.flink.annotation.Internal;

/** A record that is not a token. Without a stack trace, because it is expected. */
@Internal
public final class Rejection extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String field; // null for none
  private final String problem;

  Rejection(Reason reason, String detail) {
    this(reason, null, "", detail);
  }

  /**
   * @param field the name of the field with the problem, with which the message begins
   * @param problem the rest of the message, from the colon or an index on
   */
  Rejection(Reason reason, String field, String problem) {
    this(reason, field, field, problem);
  }

  private Rejection(Reason reason, String field, String shown, String problem) {
    super(shown + problem, null, false, false);
    this.reason = reason;
    this.field = field;
    this.problem = problem;
  }

  /** The same with the place of the field, if that is not the default. */
  Rejection placed(TokenFields fields) {
    return field == null ? this : new Rejection(reason, field, fields.placed(field), problem);
  }

  public Reason reason() {
    return reason;
  }
}
