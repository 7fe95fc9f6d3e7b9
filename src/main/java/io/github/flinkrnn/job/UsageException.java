package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Shown;

/** A command that cannot be carried out as it was typed. The message is one line for its user. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(Shown.line(message));
  }
}
