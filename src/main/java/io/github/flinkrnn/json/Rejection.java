package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import org.apache.flink.annotation.Internal;

/** A record that is not a token. Without a stack trace, because it is expected. */
@Internal
public final class Rejection extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String field; // null for none
  private final int index; // within the array in the field; negative for none
  private final String problem;

  Rejection(Reason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
    this.field = null;
    this.index = -1;
    this.problem = detail;
  }

  /** Of a field, or of a part of a composite key. */
  Rejection(Reason reason, String field, String problem) {
    this(reason, field, -1, problem);
  }

  /** Of a number in the array in a field. */
  Rejection(Reason reason, String field, int index, String problem) {
    this(reason, field, field, index, problem);
  }

  private Rejection(Reason reason, String field, String shown, int index, String problem) {
    super(shown + (index < 0 ? "" : "[" + index + "]") + ": " + problem, null, false, false);
    this.reason = reason;
    this.field = field;
    this.index = index;
    this.problem = problem;
  }

  /** The same with the place of the field, if that is not the default. */
  Rejection placed(TokenFields fields) {
    return field == null
        ? this
        : new Rejection(reason, field, fields.placed(field), index, problem);
  }

  public Reason reason() {
    return reason;
  }
}
