package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Shown;
import org.apache.flink.annotation.Internal;

/** An invalid command. The message is one line. */
@Internal
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(Shown.line(message));
  }
}
