package io.github.flinkrnn.model.onnx;

import java.util.Arrays;
import java.util.Random;

/** What happens to files: bits flip, bytes change, pieces are lost, copied, or slip in. */
final class Damage {
  private Damage() {}

  /** A damaged copy. */
  static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 3, 4 -> bytes[at] = (byte) random.nextInt(256);
        case 5 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 6 -> {
          int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
          System.arraycopy(whole, random.nextInt(whole.length - 40), bytes, at, end - at);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          longer[at] = (byte) random.nextInt(256);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
