package io.github.flinkrnn.cli;

/** A job that could start but did not do well. The message is one line for its user. */
final class FailedJobException extends Exception {
  private static final long serialVersionUID = 1L;

  FailedJobException(String message) {
    super(message);
  }
}
