package io.github.flinkrnn.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The tokens of a run, all of them a function of the seed: pass after pass over the keys, each pass
 * in an order of its own, so that no cache knows what comes next.
 */
record SoakTokens(long seed, int keys, int words) {
  private static final int KEY_LENGTH = 12;
  private static final String KEY_START = "k";

  /** The key of a number: 12 characters, as in the sizing table. */
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

  /** The number of a key; -1 for what is none of them. */
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

  /** The word of a key's token, whose {@code seq} counts from 1. */
  String word(int key, int seq) {
    return word(new SplittableRandom(seed ^ (((long) seq << 32) | key)).nextInt(words));
  }

  /** A word of the vocabulary, by its line. */
  static String word(int id) {
    return "w" + id;
  }

  /** The record of a key's token; the key is the record's. */
  byte[] record(int key, int seq) {
    return ("{\"token\":\"" + word(key, seq) + "\",\"seq\":" + seq + "}").getBytes(US_ASCII);
  }

  /** The keys of a pass in the order in which they have their tokens. */
  int[] order(int pass) {
    int[] order = new int[keys];
    Random random = new Random(seed * 31 + pass);
    for (int i = 0; i < keys; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** How many tokens each key has, when there are so many of all. */
  int[] counts(long count) {
    int[] counts = new int[keys];
    Arrays.fill(counts, Math.toIntExact(count / keys));
    int[] order = order(Math.toIntExact(count / keys));
    for (int i = 0; i < count % keys; i++) {
      counts[order[i]]++;
    }
    return counts;
  }

  /** So many keys, none of them twice, to be looked at closely. */
  int[] sample(int count) {
    return new Random(~seed).ints(0, keys).distinct().limit(Math.min(count, keys)).toArray();
  }
}
