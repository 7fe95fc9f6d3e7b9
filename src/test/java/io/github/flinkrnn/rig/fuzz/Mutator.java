package io.github.flinkrnn.rig.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Damage as in transit or by an attacker: bits flip, bytes change, pieces are lost, copied or
 * inserted, sizes and addresses become very large.
 */
public final class Mutator {
  private static final List<byte[]> NOTHING = List.of();

  /** Pieces that may be inserted into a damaged JSON document. */
  public static final List<byte[]> JSON_PIECES =
      Stream.of(
              "\"",
              "\\",
              "\\u",
              "\\ud800",
              "{",
              "}",
              "[",
              "]",
              ":",
              ",",
              "null",
              "NaN",
              "-Infinity",
              "1e999",
              "\n",
              "\0",
              "\u0085",
              "\u2028",
              "😀",
              "é",
              "\"key\":",
              "\"x\":")
          .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
          .toList();

  private Mutator() {}

  /** A copy with one to three damages. */
  public static byte[] damage(byte[] whole, Random random) {
    return damage(whole, random, NOTHING);
  }

  /**
   * A copy with one to three damages.
   *
   * @param pieces some of these may be inserted
   */
  public static byte[] damage(byte[] whole, Random random, List<byte[]> pieces) {
    byte[] bytes = whole.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      bytes = once(bytes, random, pieces);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, Random random, List<byte[]> pieces) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = place(bytes, random);
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 3, 4 -> bytes[at] = (byte) random.nextInt(256);
      case 5 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 8), (byte) -random.nextInt(2));
      case 6 -> {
        int from = random.nextInt(bytes.length);
        int length = Math.min(1 + random.nextInt(40), bytes.length - Math.max(at, from));
        System.arraycopy(bytes, from, bytes, at, length);
      }
      case 7 -> {
        if (random.nextInt(3) == 0) {
          return Arrays.copyOf(bytes, Math.max(1, at));
        }
        return replaced(bytes, at, new byte[0], Math.min(bytes.length, at + 1 + random.nextInt(4)));
      }
      case 8 -> {
        return replaced(bytes, at, new byte[] {(byte) random.nextInt(256)}, at);
      }
      case 9 -> {
        int end = Math.min(bytes.length, at + 1 + random.nextInt(60));
        return replaced(bytes, at, Arrays.copyOfRange(bytes, at, end), at); // a repetition
      }
      case 10 -> digit(bytes, at, random);
      default -> {
        if (!pieces.isEmpty()) {
          return replaced(bytes, at, Hostile.one(pieces, random), at);
        }
        bytes[at] = (byte) (bytes[at] + (random.nextBoolean() ? 1 : -1));
      }
    }
    return bytes;
  }

  // Mostly bytes that are not zero, because some files consist mostly of padding.
  private static int place(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    for (int tries = 0; tries < 8 && bytes[at] == 0; tries++) {
      at = random.nextInt(bytes.length);
    }
    return at;
  }

  /** Changes a digit of the next number that is written as characters. */
  private static void digit(byte[] bytes, int from, Random random) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] >= '0' && bytes[i] <= '9') {
        bytes[i] = (byte) ('0' + random.nextInt(10));
        return;
      }
    }
  }

  /** The bytes before {@code start}, the middle, and the bytes from {@code end} on. */
  static byte[] replaced(byte[] bytes, int start, byte[] middle, int end) {
    ByteArrayOutputStream to = new ByteArrayOutputStream(bytes.length + middle.length);
    to.write(bytes, 0, start);
    to.writeBytes(middle);
    to.write(bytes, end, bytes.length - end);
    return to.toByteArray();
  }
}
