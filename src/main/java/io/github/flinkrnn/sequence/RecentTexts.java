package io.github.flinkrnn.sequence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Strings that were read before, by their bytes. The words of a category repeat, so most are found
 * here instead of being decoded. A string has two slots, from which it displaces the one that was
 * read first.
 *
 * <p>A processor waits longer for the memory of a word than it compares, so all that identifies a
 * short word is in one object.
 */
final class RecentTexts {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PAIR_BITS = 12;
  private static final int LONGEST = 64; // so that a hostile stream cannot fill the memory
  private static final int SHORT = 2 * Long.BYTES; // its first and last 8 bytes are the whole
  private static final long FACTOR = 0x9e3779b97f4a7c15L; // odd, with its bits well mixed

  /**
   * @param utf8 null for a short string
   */
  private record Entry(long first, long last, int length, byte[] utf8, RecentText text) {
    boolean is(long itsFirst, long itsLast, byte[] bytes, int start, int itsLength) {
      return first == itsFirst
          && last == itsLast
          && length == itsLength
          && (length <= SHORT || Arrays.equals(utf8, 0, length, bytes, start, start + length));
    }
  }

  private final Entry[] entries = new Entry[2 << PAIR_BITS];

  /** Returns the string of these UTF-8 bytes; null if they are not valid UTF-8. */
  RecentText read(byte[] bytes, int start, int length) {
    if (length > LONGEST) {
      return decoded(bytes, start, length);
    }
    long first = length < Long.BYTES ? few(bytes, start, length) : (long) LONGS.get(bytes, start);
    long last = length <= Long.BYTES ? 0 : (long) LONGS.get(bytes, start + length - Long.BYTES);
    long hash = ((first * FACTOR) ^ last) + length;
    for (int at = Long.BYTES; at < length - Long.BYTES; at += Long.BYTES) {
      hash = (hash * FACTOR) ^ (long) LONGS.get(bytes, start + at);
    }
    int slot = (int) ((hash * FACTOR) >>> (Long.SIZE - PAIR_BITS)) << 1;
    Entry known = entries[slot];
    if (known != null && known.is(first, last, bytes, start, length)) {
      return known.text;
    }
    Entry other = entries[slot + 1];
    if (other != null && other.is(first, last, bytes, start, length)) {
      return other.text;
    }
    RecentText text = decoded(bytes, start, length);
    if (text != null) {
      byte[] utf8 = length <= SHORT ? null : Arrays.copyOfRange(bytes, start, start + length);
      entries[slot + 1] = known;
      entries[slot] = new Entry(first, last, length, utf8, text);
    }
    return text;
  }

  private static long few(byte[] bytes, int start, int length) {
    if (start + Long.BYTES <= bytes.length) {
      return (long) LONGS.get(bytes, start) & ((1L << (Byte.SIZE * length)) - 1);
    }
    long all = 0;
    for (int i = 0; i < length; i++) {
      all |= (bytes[start + i] & 0xffL) << (Byte.SIZE * i);
    }
    return all;
  }

  private static RecentText decoded(byte[] bytes, int start, int length) {
    String text = TextBytes.read(bytes, start, length, false);
    return text == null ? null : new RecentText(text);
  }
}
