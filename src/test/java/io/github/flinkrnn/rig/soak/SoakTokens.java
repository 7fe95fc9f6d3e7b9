package io.github.flinkrnn.rig.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.SplittableRandom;

/** The keys and words of the tokens of a run, all of them a function of the seed. */
record SoakTokens(long seed, int keys, int words) {
  private static final int KEY_LENGTH = 12;
  private static final String KEY_START = "k";

  /** The key with this number: 12 characters, as in the sizing table. */
  byte[] key(int number) {
    byte[] key = new byte[KEY_LENGTH];
    int rest = number;
    for (int i = KEY_LENGTH - 1; i > 0; i--) {
      key[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    key[0] = (byte) KEY_START.charAt(0);
    return key;
  }

  /** The number of a key; -1 if it is not one of the keys. */
  int number(byte[] key) {
    if (key == null || key.length != KEY_LENGTH || key[0] != KEY_START.charAt(0)) {
      return -1;
    }
    long number = 0;
    for (int i = 1; i < KEY_LENGTH; i++) {
      if (key[i] < '0' || key[i] > '9') {
        return -1;
      }
      number = 10 * number + key[i] - '0';
    }
    return number < keys ? (int) number : -1;
  }

  /** The word of a token of a key; {@code seq} counts from 1. */
  String word(int key, int seq) {
    return word(new SplittableRandom(seed ^ (((long) seq << 32) | key)).nextInt(words));
  }

  /** A word of the vocabulary, by its line. */
  static String word(int id) {
    return "w" + id;
  }

  /** The value of the record of a token. The key is the key of the record. */
  byte[] record(int key, int seq) {
    return ("{\"token\":\"" + word(key, seq) + "\",\"seq\":" + seq + "}").getBytes(US_ASCII);
  }
}
