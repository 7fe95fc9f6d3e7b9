package io.github.flinkrnn.sequence;

import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/**
 * A string that a serializer has read, probably not for the last time. It remembers the id that a
 * reader of words found for it, as a {@link String} remembers its hash. The tokens that share it
 * are all processed by the thread of one task.
 *
 * <p>A processor waits longer for the memory of a word than it compares or decodes, so all that is
 * needed of a short word is in this one object.
 */
@Internal
public final class RecentText {
  private static final int SHORT = 2 * Long.BYTES; // its first and last 8 bytes are the whole

  private final long first; // of its bytes in UTF-8
  private final long last;
  private final int length;
  private final String text;
  private final byte[] utf8; // null for a short string
  private long found; // the number of a reader in the upper half, and the id in the lower half

  /** A string that is not looked up by its bytes. */
  RecentText(String text) {
    this(text, 0, 0, null, 0, -1);
  }

  /**
   * @param first the first 8 bytes, little-endian; zeros follow a shorter string
   * @param last the last 8 bytes; 0 for a string of at most 8 bytes
   * @param bytes has the string in UTF-8, from {@code start}
   */
  RecentText(String text, long first, long last, byte[] bytes, int start, int length) {
    this.text = text;
    this.first = first;
    this.last = last;
    this.length = length;
    utf8 = length <= SHORT ? null : Arrays.copyOfRange(bytes, start, start + length);
  }

  /** Whether it has these bytes; the parameters are those of the constructor. */
  boolean is(long itsFirst, long itsLast, byte[] bytes, int start, int itsLength) {
    return first == itsFirst
        && last == itsLast
        && length == itsLength
        && (length <= SHORT || Arrays.equals(utf8, 0, length, bytes, start, start + length));
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
