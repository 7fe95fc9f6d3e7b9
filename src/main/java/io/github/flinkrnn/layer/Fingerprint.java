package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/** A SHA-256 over numbers and names. It is equal for equal weights from any file. */
@Internal
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

  /** Adds a string as UTF-8. */
  public Fingerprint add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes with their length. */
  public Fingerprint add(byte[] bytes) {
    add(bytes.length);
    digest.update(bytes);
    return this;
  }

  /** Adds an integer. */
  public Fingerprint add(int number) {
    buffer.clear().putInt(number);
    return flush();
  }

  /** Adds the bits of a double. */
  public Fingerprint add(double number) {
    buffer.clear().putLong(Double.doubleToLongBits(number));
    return flush();
  }

  /** Adds a matrix with its shape, row by row. */
  public Fingerprint add(FMatrixRMaj matrix) {
    return add(matrix.getNumRows()).add(matrix.getData(), matrix.getNumElements());
  }

  /** Adds a vector with its length; null counts as empty. */
  public Fingerprint add(float[] vector) {
    return vector == null ? add(0) : add(vector, vector.length);
  }

  /** The rows of a matrix. */
  public interface Rows {
    /**
     * Copies a row.
     *
     * @param w receives [columns] from 0
     */
    void copy(int row, float[] w);
  }

  /** Adds a matrix with its shape, row by row. */
  public Fingerprint add(int rows, int columns, Rows matrix) {
    add(rows).add(Math.multiplyExact(rows, columns));
    float[] w = new float[columns];
    for (int row = 0; row < rows; row++) {
      matrix.copy(row, w);
      addNumbers(w, columns);
    }
    return this;
  }

  /** Adds the weights of products with equal row counts, as one matrix with all their columns. */
  public Fingerprint addSideBySide(Affine... products) {
    int columns = 0;
    for (Affine product : products) {
      columns += product.columns();
    }
    return add(
        products[0].rows(),
        columns,
        (row, w) -> {
          int at = 0;
          for (Affine product : products) {
            product.row(row, w, at);
            at += product.columns();
          }
        });
  }

  private Fingerprint add(float[] numbers, int length) {
    return add(length).addNumbers(numbers, length);
  }

  private Fingerprint addNumbers(float[] numbers, int length) {
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

  /** The first 64 bits of the hash of everything added so far. */
  public long value() {
    try {
      return ByteBuffer.wrap(((MessageDigest) digest.clone()).digest()).getLong();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the SHA-256 of this Java platform cannot be copied", e);
    }
  }
}
