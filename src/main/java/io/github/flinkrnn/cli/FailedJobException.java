package io.github.flinkrnn.cli;

/** A job that started and failed. The message is one line. */
final class FailedJobException extends Exception {
  private static final long serialVersionUID = 1L;

  FailedJobException(String message) {
    super(message);
  }
}
