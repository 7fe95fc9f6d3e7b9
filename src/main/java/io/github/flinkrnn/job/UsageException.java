package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Shown;

/** An invalid command. The message is one line. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(Shown.line(message));
  }
}
