package io.github.flinkrnn.kafka;

import org.apache.flink.annotation.Internal;

/** Dead letters were not sent again. The message is one line. */
@Internal
public final class RedriveException extends Exception {
  private static final long serialVersionUID = 1L;

  RedriveException(String message) {
    super(message);
  }

  RedriveException(String message, Throwable cause) {
    super(message, cause);
  }
}
