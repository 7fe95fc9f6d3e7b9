package io.github.flinkrnn.operator;

/** An option of the library that the model cannot serve; the message is one line. */
public final class OptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  OptionException(String field, String problem) {
    super(field + ": " + problem);
    this.field = field;
  }

  /** Where a job file says it: {@code output.emit}. */
  public String field() {
    return field;
  }

  /** What was expected, without the field. */
  public String problem() {
    return getMessage().substring(field.length() + 2);
  }
}
