package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Locale;

/**
 * The memory that one model may take while it is loaded: its files, the numbers in them and the
 * copies that are made of those. Each piece is counted before it is taken, for a small file may ask
 * for much. Three quarters of the heap, or what the system property {@link #PROPERTY} says. Not
 * thread-safe.
 */
public final class LoadMemory {
  /** The system property: megabytes (10^6 bytes). */
  public static final String PROPERTY = "flink-rnn.model_mb";

  private static final long MEGABYTE = 1_000_000;

  private final long most;
  private long taken;

  private LoadMemory(long most) {
    this.most = most;
  }

  /** At most so many bytes. */
  public static LoadMemory of(long bytes) {
    return new LoadMemory(bytes);
  }

  /**
   * What this process grants a model.
   *
   * @throws InvalidFileException when the system property is no number of megabytes
   */
  public static LoadMemory ofThisProcess() {
    String megabytes = System.getProperty(PROPERTY);
    if (megabytes == null) {
      return of(Runtime.getRuntime().maxMemory() / 4 * 3);
    }
    if (!megabytes.matches("[1-9][0-9]{0,8}")) {
      throw new InvalidFileException(
          "-D" + PROPERTY, "", "expected megabytes from 1, found '" + megabytes + "'");
    }
    return of(Long.parseLong(megabytes) * MEGABYTE);
  }

  /** Bytes that may yet be taken. */
  public long left() {
    return most - taken;
  }

  /**
   * Counts what is kept until the model is loaded.
   *
   * @param file what asks for it
   * @throws InvalidFileException when that is more than there is left
   */
  public void take(String file, long bytes) {
    expect(file, bytes);
    taken += bytes;
  }

  /**
   * The same of what is given back at once: it has to be there, and is not counted.
   *
   * @throws InvalidFileException when that is more than there is left
   */
  public void expect(String file, long bytes) {
    if (bytes < 0 || bytes > left()) {
      throw new InvalidFileException(
          file,
          "",
          String.format(
              Locale.ROOT,
              "needs more memory than the %,d MB that this process lets a model take (three quarters"
                  + " of its heap, or the system property %s): expected at least %,d MB",
              most / MEGABYTE,
              PROPERTY,
              (taken + Math.max(bytes, 0)) / MEGABYTE + 1));
    }
  }
}
