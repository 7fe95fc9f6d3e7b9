package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.network.SeededNetwork;
import java.util.StringJoiner;

/**
 * Tokens as JSON records, made quickly: the features of a record are one of several strings that
 * were made before.
 */
final class TokenJson {
  private static final int TEXTS = 1024;
  private static final byte[] SEQ = "\"seq\":".getBytes(UTF_8);

  private final int keys;
  private final String[] features = new String[TEXTS];

  TokenJson(int keys, int nX) {
    this.keys = keys;
    float[][] vectors = SeededNetwork.features(TEXTS, nX, 11);
    for (int i = 0; i < TEXTS; i++) {
      StringJoiner numbers = new StringJoiner(",", "[", "]");
      for (float number : vectors[i]) {
        numbers.add(String.valueOf(number));
      }
      features[i] = numbers.toString();
    }
  }

  byte[] record(long token, long seq) {
    String text =
        "{\"key\":\""
            + TokenStream.key(token, keys)
            + "\",\"seq\":"
            + seq
            + ",\"features\":"
            + features[(int) (token % TEXTS)]
            + "}";
    return text.getBytes(UTF_8);
  }

  /** The seq of a prediction, without parsing the rest. */
  static long seq(byte[] prediction) {
    for (int at = 0; at + SEQ.length < prediction.length; at++) {
      int same = 0;
      while (same < SEQ.length && prediction[at + same] == SEQ[same]) {
        same++;
      }
      if (same == SEQ.length) {
        return digits(prediction, at + same);
      }
    }
    throw new IllegalStateException("no seq in " + new String(prediction, UTF_8));
  }

  private static long digits(byte[] text, int from) {
    long number = 0;
    for (int at = from; at < text.length && text[at] >= '0' && text[at] <= '9'; at++) {
      number = 10 * number + text[at] - '0';
    }
    return number;
  }
}
