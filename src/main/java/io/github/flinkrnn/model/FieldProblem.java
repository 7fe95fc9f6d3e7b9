package io.github.flinkrnn.model;

import org.apache.flink.annotation.Internal;

/** Why a field does not take a value. */
@Internal
public final class FieldProblem {
  private final Kind kind;
  private final String detail;

  /** The kinds of problems. */
  public enum Kind {
    WRONG_TYPE,
    WRONG_LENGTH,
    NOT_FINITE,
    UNKNOWN
  }

  FieldProblem(Kind kind, String detail) {
    this.kind = kind;
    this.detail = detail;
  }

  public Kind kind() {
    return kind;
  }

  /** One line that names the field. */
  public String detail() {
    return detail;
  }
}
