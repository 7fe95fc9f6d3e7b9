package io.github.flinkrnn.sequence;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The bytes of one record, collected in a buffer and written at once, because a Flink output view
 * makes a call and a bounds check for each single byte. The parts of a record:
 *
 * <ul>
 *   <li>a <b>number</b>: variable length, 7 bits per byte, low bits first; the top bit is set if
 *       more bytes follow;
 *   <li>a <b>signed number</b> n: 2n, or -2n - 1 if n is negative, written as a number;
 *   <li>a <b>fixed number</b>: 8 bytes, little-endian;
 *   <li><b>bytes</b>: their count as a number, then the bytes;
 *   <li><b>floats</b>: their count as a number, then 4 bytes each, IEEE 754 bits, little-endian;
 *   <li>a <b>string</b>: see {@link TextBytes}.
 * </ul>
 *
 * A record begins with its length in bytes, as a number, so it can be copied without decoding. Not
 * thread-safe: each serializer has its own instance.
 */
@Internal
public final class RecordBytes {
  /**
   * The largest buffer that is kept for the next record. A larger one is dropped after its record.
   */
  private static final int KEPT = 1 << 20;

  private static final int MOST = 1 << 30;
  private static final int STEP = 1 << 16;
  private static final int LONGEST_NUMBER = 10;
  private static final int LENGTH_BYTES = 5;

  /** As many floats are copied at once, which is slower for a few. */
  private static final int MANY = 32;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final String what;
  private final LastText lastTopic = new LastText();
  private final LastText lastModel = new LastText();
  private final LastText lastNames = new LastText();
  private RecentTexts recent; // null until first used
  private String[] names = {}; // read or written last
  private String joined = ""; // the same, each followed by U+0000
  private byte[] bytes = new byte[256];
  private ByteBuffer buffer = littleEndian(bytes); // the same bytes, for many floats
  private int at;
  private int limit;

  /**
   * @param what the kind of record, for error messages: "a token"
   */
  RecordBytes(String what) {
    this.what = what;
  }

  // ---- Writing: begin, the parts in their order, end.

  void begin() {
    at = LENGTH_BYTES; // the length comes first, but is known only at the end
  }

  void end(DataOutputView target) throws IOException {
    int end = at;
    int length = end - LENGTH_BYTES;
    int start = LENGTH_BYTES - numberBytes(length);
    at = start;
    putNumber(length);
    target.write(bytes, start, end - start);
    forget();
  }

  /** Ends the record without writing it. Returns how many bytes {@link #end} would write. */
  int endUnwritten() {
    int length = at - LENGTH_BYTES;
    forget();
    return numberBytes(length) + length;
  }

  public void number(long number) throws IOException {
    room(LONGEST_NUMBER);
    putNumber(number);
  }

  public void signedNumber(long number) throws IOException {
    number((number << 1) ^ (number >> 63));
  }

  /** Writes all 64 bits in 8 bytes, for numbers that are as often large as small. */
  public void fixed(long number) throws IOException {
    room(Long.BYTES);
    LONGS.set(bytes, at, number);
    at += Long.BYTES;
  }

  public void bytes(byte[] value) throws IOException {
    number(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
    at += value.length;
  }

  public void floats(float[] values) throws IOException {
    number(values.length);
    room((long) values.length * Float.BYTES);
    if (values.length < MANY) {
      for (int i = 0; i < values.length; i++) {
        INTS.set(bytes, at + i * Float.BYTES, Float.floatToRawIntBits(values[i]));
      }
    } else {
      buffer.position(at).asFloatBuffer().put(values);
    }
    at += values.length * Float.BYTES;
  }

  /** Writes any string, including null and a string with an unpaired surrogate. */
  public void text(String text) throws IOException {
    room(LONGEST_NUMBER + (text == null ? 0 : (long) text.length() * TextBytes.MOST_A_CHAR));
    at = TextBytes.write(text, bytes, at);
  }

  public void texts(String[] texts) throws IOException {
    number(texts.length);
    for (String text : texts) {
      text(text);
    }
  }

  /** Writes names as one string, each followed by U+0000. They are usually those of last time. */
  void names(String[] all) throws IOException {
    if (names != all) {
      StringBuilder text = new StringBuilder();
      for (String name : all) {
        if (name.indexOf('\0') >= 0) {
          throw new IOException(what + ": expected a name without U+0000");
        }
        text.append(name).append('\0');
      }
      joined = text.toString();
      names = all;
    }
    text(joined);
  }

  private void putNumber(long number) {
    at = putNumber(number, bytes, at);
  }

  /** Writes a number and returns the end of it. */
  static int putNumber(long number, byte[] bytes, int start) {
    int at = start;
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      bytes[at++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
    return at;
  }

  public static int numberBytes(long number) {
    return 1 + (63 - Long.numberOfLeadingZeros(number | 1)) / 7;
  }

  private void room(long more) throws IOException {
    long needed = at + more;
    if (needed > bytes.length) {
      if (needed > MOST) {
        throw new IOException(what + ": expected at most " + MOST + " bytes, found " + needed);
      }
      use(Arrays.copyOf(bytes, (int) Math.min(MOST, Math.max(needed, 2L * bytes.length))));
    }
  }

  private void forget() {
    if (bytes.length > KEPT) {
      use(new byte[256]);
    }
  }

  private void use(byte[] other) {
    bytes = other;
    buffer = littleEndian(other);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  // ---- Reading: load, the parts in their order, finish.

  /**
   * Loads the bytes of a record. The buffer grows only as bytes arrive, so a corrupt length cannot
   * allocate it all at once.
   */
  void load(DataInputView source) throws IOException {
    int length = 0;
    int shift = 0;
    byte next;
    do {
      next = source.readByte();
      if (shift == 28 && (next & 0xf8) != 0) {
        throw new IOException(what + ": expected at most " + MOST + " bytes, found more");
      }
      length |= (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    if (length > MOST) {
      throw new IOException(what + ": expected at most " + MOST + " bytes, found " + length);
    }
    at = 0;
    limit = 0;
    while (limit < length) {
      int step = Math.min(length - limit, Math.max(STEP, limit));
      if (limit + step > bytes.length) {
        use(Arrays.copyOf(bytes, Math.max(limit + step, Math.min(length, 2 * bytes.length))));
      }
      source.readFully(bytes, limit, step);
      limit += step;
    }
  }

  /** Checks that the whole record was read. */
  void finish() throws IOException {
    if (at != limit) {
      throw new IOException(what + ": expected its end, found " + (limit - at) + " more bytes");
    }
    forget();
  }

  /** Copies a loaded record as it is. */
  void copyTo(DataOutputView target) throws IOException {
    byte[] length = new byte[LENGTH_BYTES];
    target.write(length, 0, putNumber(limit, length, 0));
    target.write(bytes, 0, limit);
    forget();
  }

  /**
   * Reads the bits that say which fields are present.
   *
   * @param known how many fields this format has
   */
  public long readPresence(int known) throws IOException {
    long present = readNumber();
    if (present >>> known != 0) {
      throw new IOException(
          what + ": expected the fields of this version of flink-rnn, found others");
    }
    return present;
  }

  public long readNumber() throws IOException {
    if (at < limit && bytes[at] >= 0) { // most are short
      return bytes[at++];
    }
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at == limit) {
        throw cutOff();
      }
      byte next = bytes[at++];
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new IOException(what + ": expected a number of at most 10 bytes, found more");
  }

  public long readFixed() throws IOException {
    if (limit - at < Long.BYTES) {
      throw cutOff();
    }
    long number = (long) LONGS.get(bytes, at);
    at += Long.BYTES;
    return number;
  }

  public long readSignedNumber() throws IOException {
    long number = readNumber();
    return (number >>> 1) ^ -(number & 1);
  }

  public byte[] readBytes() throws IOException {
    int length = readCount(1);
    byte[] value = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return value;
  }

  public float[] readFloats() throws IOException {
    float[] values = new float[readCount(Float.BYTES)];
    if (values.length < MANY) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat((int) INTS.get(bytes, at + i * Float.BYTES));
      }
    } else {
      buffer.position(at).asFloatBuffer().get(values);
    }
    at += values.length * Float.BYTES;
    return values;
  }

  public String readText() throws IOException {
    return readText(null);
  }

  /** Reads the name of a topic, which is usually the same as in the previous record. */
  String readTopic() throws IOException {
    return readText(lastTopic);
  }

  /** Reads the name of a model, which is usually the same as in the previous record. */
  String readModel() throws IOException {
    return readText(lastModel);
  }

  /** Reads names; the array of last time, if they are the same. */
  @SuppressWarnings("ReferenceEquality") // LastText returns the same string again
  String[] readNames() throws IOException {
    String text = readText(lastNames);
    if (text == joined) {
      return names;
    }
    if (text == null || (!text.isEmpty() && !text.endsWith("\0"))) {
      throw new IOException(what + ": expected names, found another string");
    }
    joined = text;
    names = text.isEmpty() ? new String[0] : text.split("\0", -1);
    names = Arrays.copyOf(names, Math.max(0, names.length - 1)); // split adds an empty end
    return names;
  }

  /** Reads a string that is probably one of a few thousand; null for null. */
  RecentText readRecentText() throws IOException {
    int before = at;
    long form = readNumber();
    long length = (form - 1) >>> 1;
    if (form == 0 || (form & 1) == 0 || length > limit - at) {
      at = before;
      String text = readText();
      return text == null ? null : new RecentText(text);
    }
    if (recent == null) {
      recent = new RecentTexts();
    }
    int start = at;
    at += (int) length;
    RecentText text = recent.read(bytes, start, (int) length);
    if (text == null) {
      throw new IOException(what + ": expected a string, found other bytes");
    }
    return text;
  }

  private String readText(LastText last) throws IOException {
    long form = readNumber();
    if (form == 0) {
      return null;
    }
    long length = (form - 1) >>> 1;
    if (length > limit - at) {
      throw cutOff();
    }
    int start = at;
    at += (int) length;
    boolean wide = (form & 1) == 0;
    String text =
        last == null || wide
            ? TextBytes.read(bytes, start, (int) length, wide)
            : last.read(bytes, start, (int) length);
    if (text == null) {
      throw new IOException(what + ": expected a string, found other bytes");
    }
    return text;
  }

  public String[] readTexts() throws IOException {
    String[] texts = new String[readCount(1)];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = readText();
    }
    return texts;
  }

  /** Reads how many items follow, each of at least {@code bytesEach} bytes. */
  public int readCount(int bytesEach) throws IOException {
    long count = readNumber();
    if (count < 0 || count > (limit - at) / bytesEach) {
      throw cutOff();
    }
    return (int) count;
  }

  private EOFException cutOff() {
    return new EOFException(what + ": expected more bytes, found its end");
  }
}
