package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Locale;
import org.apache.flink.annotation.Internal;

/**
 * The memory that one model may use while it is loaded: for its files, the numbers in them and
 * copies of those. Every allocation is counted before it is made, because a small file can claim a
 * lot. The limit is three quarters of the heap, or the system property {@link #PROPERTY}. Not
 * thread-safe.
 */
@Internal
public final class LoadMemory {
  /** The system property that sets the limit, in megabytes (10^6 bytes). */
  public static final String PROPERTY = "flink-rnn.model_mb";

  private static final long MEGABYTE = 1_000_000;

  private final long most;
  private long taken;

  private LoadMemory(long most) {
    this.most = most;
  }

  /** A limit in bytes. */
  public static LoadMemory of(long bytes) {
    return new LoadMemory(bytes);
  }

  /**
   * The limit of this process.
   *
   * @throws InvalidFileException when the system property is not a number of megabytes
   */
  public static LoadMemory ofThisProcess() {
    String megabytes = System.getProperty(PROPERTY);
    if (megabytes == null) {
      return of(Runtime.getRuntime().maxMemory() / 4 * 3);
    }
    if (!megabytes.matches("[1-9][0-9]{0,8}")) {
      throw new InvalidFileException(
          "-D" + PROPERTY,
          "",
          "expected an integer from 1 to 999999999 (megabytes), found '" + megabytes + "'");
    }
    return of(Long.parseLong(megabytes) * MEGABYTE);
  }

  /** The bytes that are left. */
  public long left() {
    return most - taken;
  }

  /**
   * Counts memory that is kept until the model is loaded.
   *
   * @param file the file that needs it, for errors
   * @throws InvalidFileException when fewer bytes are left
   */
  public void take(String file, long bytes) {
    expect(file, bytes);
    taken += bytes;
  }

  /**
   * Checks for memory that is released at once. It must be available, but is not counted.
   *
   * @param file the file that needs it, for errors
   * @throws InvalidFileException when fewer bytes are left
   */
  public void expect(String file, long bytes) {
    if (bytes < 0 || bytes > left()) {
      throw new InvalidFileException(
          file,
          "",
          String.format(
              Locale.ROOT,
              "expected at least %,d MB of memory for the model, found %,d MB (three quarters of"
                  + " the heap, or the system property %s)",
              (taken + Math.max(bytes, 0)) / MEGABYTE + 1,
              most / MEGABYTE,
              PROPERTY));
    }
  }
}
