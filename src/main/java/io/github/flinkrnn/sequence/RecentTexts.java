package io.github.flinkrnn.sequence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Strings that were read before, by their bytes. The words of a category repeat, so most are found
 * here instead of being decoded. A string has two slots, from which it displaces the one that was
 * read first.
 */
final class RecentTexts {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PAIR_BITS = 12;
  private static final int LONGEST = 64; // so that a hostile stream cannot fill the memory
  private static final long FACTOR = 0x9e3779b97f4a7c15L; // odd, with its bits well mixed

  private final RecentText[] slots = new RecentText[2 << PAIR_BITS];

  /** Returns the string of these UTF-8 bytes; null if they are not valid UTF-8. */
  RecentText read(byte[] bytes, int start, int length) {
    if (length > LONGEST) {
      String text = TextBytes.read(bytes, start, length, false);
      return text == null ? null : new RecentText(text);
    }
    long first = length < Long.BYTES ? few(bytes, start, length) : (long) LONGS.get(bytes, start);
    long last = length <= Long.BYTES ? 0 : (long) LONGS.get(bytes, start + length - Long.BYTES);
    long hash = ((first * FACTOR) ^ last) + length;
    for (int at = Long.BYTES; at < length - Long.BYTES; at += Long.BYTES) {
      hash = (hash * FACTOR) ^ (long) LONGS.get(bytes, start + at);
    }
    int slot = (int) ((hash * FACTOR) >>> (Long.SIZE - PAIR_BITS)) << 1;
    RecentText known = slots[slot];
    if (known != null && known.is(first, last, bytes, start, length)) {
      return known;
    }
    RecentText other = slots[slot + 1];
    if (other != null && other.is(first, last, bytes, start, length)) {
      return other;
    }
    String text = TextBytes.read(bytes, start, length, false);
    if (text == null) {
      return null;
    }
    slots[slot + 1] = known;
    slots[slot] = new RecentText(text, first, last, bytes, start, length);
    return slots[slot];
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
}
