package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.flink.annotation.Internal;

/**
 * Splits a stream of bytes into lines. Does not decode them: a line that is not UTF-8 must reach
 * the dead letters as it is. Of a line longer than the limit, only the beginning and the length are
 * kept.
 */
@Internal
public final class LineReader {
  private static final int CHUNK = 1 << 16;

  private final InputStream in;
  private final String name;
  private final int maxBytes;
  private final byte[] chunk = new byte[CHUNK];
  private int at;
  private int limit;
  private long line;

  /**
   * @param name of the file, for the origin of its records
   * @param maxBytes how many bytes of a line are kept
   */
  public LineReader(InputStream in, String name, int maxBytes) {
    this.in = in;
    this.name = name;
    this.maxBytes = maxBytes;
  }

  /** The next line without its newline, or null at the end. The last line needs no newline. */
  public SourceRecord next() throws IOException {
    if (at == limit && !fill()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    long length = 0;
    do {
      int end = at;
      while (end < limit && chunk[end] != '\n') {
        end++;
      }
      bytes.write(chunk, at, Math.min(end - at, maxBytes - bytes.size()));
      length += end - at;
      at = end;
    } while (at == limit && fill());
    if (at < limit) {
      at++; // the newline
    }
    Origin origin = new Origin(name, 0, line++);
    return new SourceRecord(null, bytes.toByteArray(), length, null, origin);
  }

  private boolean fill() throws IOException {
    at = 0;
    limit = Math.max(0, in.read(chunk));
    return limit > 0;
  }
}
