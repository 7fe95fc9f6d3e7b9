package io.github.flinkrnn.sequence;

import java.util.Arrays;

/**
 * Strings that were read before, by their bytes. The words of a category repeat, so most are found
 * here instead of being decoded, and their hash is known already. A string takes the place of
 * another with the same slot.
 */
final class RecentTexts {
  private static final int SLOTS = 1 << 13;
  private static final int LONGEST = 64; // so that a hostile stream cannot fill the memory

  private final byte[][] utf8 = new byte[SLOTS][];
  private final String[] texts = new String[SLOTS];

  /** Returns the string of these UTF-8 bytes; null if they are not valid UTF-8. */
  String read(byte[] bytes, int start, int length) {
    if (length > LONGEST) {
      return TextBytes.read(bytes, start, length, false);
    }
    int hash = length;
    for (int i = start; i < start + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ hash >>> 12 ^ hash >>> 24) & (SLOTS - 1);
    byte[] known = utf8[slot];
    if (known != null && Arrays.equals(known, 0, known.length, bytes, start, start + length)) {
      return texts[slot];
    }
    String text = TextBytes.read(bytes, start, length, false);
    if (text != null) {
      utf8[slot] = Arrays.copyOfRange(bytes, start, start + length);
      texts[slot] = text;
    }
    return text;
  }
}
