package io.github.flinkrnn.network;

import org.apache.flink.annotation.PublicEvolving;

/**
 * The runtime rejects one x&lt;t&gt;, for example an index beyond the rows of a Gather. The
 * previous state is unchanged, and the next x&lt;t&gt; may be taken. Data can cause this exception,
 * so it has no stack trace.
 */
@PublicEvolving
public final class NotAcceptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message the message of the runtime; becomes one line
   */
  public NotAcceptedException(String message) {
    super(message.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " ").strip(), null, false, false);
  }
}
