package io.github.flinkrnn.layer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.ejml.data.FMatrixRMaj;

/** A SHA-256 over numbers and names: equal for equal weights, whatever file they came from. */
public final class Fingerprint {
  private final MessageDigest digest;
  private final ByteBuffer buffer = ByteBuffer.allocate(4096);

  public Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public Fingerprint add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  public Fingerprint add(byte[] bytes) {
    add(bytes.length);
    digest.update(bytes);
    return this;
  }

  public Fingerprint add(int number) {
    buffer.clear().putInt(number);
    return flush();
  }

  /** A matrix with its shape, row by row. */
  public Fingerprint add(FMatrixRMaj matrix) {
    return add(matrix.getNumRows()).add(matrix.getData(), matrix.getNumElements());
  }

  /** A vector; null counts as an empty one. */
  public Fingerprint add(float[] vector) {
    return vector == null ? add(0) : add(vector, vector.length);
  }

  private Fingerprint add(float[] numbers, int length) {
    add(length);
    buffer.clear();
    for (int i = 0; i < length; i++) {
      if (!buffer.hasRemaining()) {
        flush();
        buffer.clear();
      }
      buffer.putInt(Float.floatToRawIntBits(numbers[i]));
    }
    return flush();
  }

  private Fingerprint flush() {
    digest.update(buffer.flip());
    return this;
  }

  /** The first 64 bits, for everything that was added. Ends this fingerprint. */
  public long value() {
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
