package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.Internal;

/**
 * A string that a serializer has read, probably not for the last time. It remembers the id that a
 * reader of words found for it, as a {@link String} remembers its hash. The tokens that share it
 * are all processed by the thread of one task.
 */
@Internal
public final class RecentText {
  private final String text;
  private long found; // the number of a reader in the upper half, and the id in the lower half

  RecentText(String text) {
    this.text = text;
  }

  /**
   * The id that a reader found for this string.
   *
   * @param reader the number of the reader, not 0
   * @return the id; -1 if this reader was not the last one to find an id
   */
  public int id(int reader) {
    return (int) (found >>> Integer.SIZE) == reader ? (int) found : -1;
  }

  /** Remembers the id that a reader found, at least 0. */
  public void idIs(int reader, int id) {
    found = ((long) reader << Integer.SIZE) | id;
  }

  @Override
  public String toString() {
    return text;
  }
}
