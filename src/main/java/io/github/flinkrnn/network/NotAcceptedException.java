package io.github.flinkrnn.network;

/**
 * What computes a network refuses one x&lt;t&gt;: an index that a Gather has no row for, a shape
 * that a value decides. The state before it is what it was, and the next x&lt;t&gt; may be taken.
 * Expected of data, hence without a stack trace.
 */
public final class NotAcceptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what the runtime says; becomes one line
   */
  public NotAcceptedException(String message) {
    super(message.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " ").strip(), null, false, false);
  }
}
