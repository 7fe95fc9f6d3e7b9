package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import org.apache.flink.annotation.Internal;

/** How the key of a Kafka record becomes a sequence key, which is a string, and back. */
@Internal
public enum KeyFormat {
  /** UTF-8. */
  STRING(0),
  /** 64 bits, big-endian; the sequence key is the decimal number. */
  LONG(Long.BYTES),
  /** 32 bits, big-endian; the sequence key is the decimal number. */
  INT(Integer.BYTES),
  /** 128 bits, big-endian; the sequence key is in groups of hexadecimal digits. */
  UUID(2 * Long.BYTES),
  /** Any bytes; the sequence key is in Base64. */
  BYTES(0);

  private final int length; // 0 for any

  KeyFormat(int length) {
    this.length = length;
  }

  /** The sequence key of a record's key. */
  String text(byte[] bytes) throws Rejection {
    if (length > 0 && bytes.length != length) {
      throw new Rejection(
          Reason.WRONG_LENGTH,
          "key: expected "
              + length
              + " bytes as the record's key, for source.key_format: "
              + name().toLowerCase(Locale.ROOT)
              + ", found "
              + bytes.length);
    }
    return switch (this) {
      case STRING -> {
        String text = Utf8.decode(bytes);
        if (text == null) {
          throw new Rejection(Reason.WRONG_TYPE, "key: expected the record's key in UTF-8");
        }
        yield text;
      }
      case LONG -> Long.toString(ByteBuffer.wrap(bytes).getLong());
      case INT -> Integer.toString(ByteBuffer.wrap(bytes).getInt());
      case UUID -> {
        ByteBuffer both = ByteBuffer.wrap(bytes);
        yield new UUID(both.getLong(), both.getLong()).toString();
      }
      case BYTES -> Base64.getEncoder().encodeToString(bytes);
    };
  }

  /**
   * The record's key of a sequence key that {@link #text} has returned. A string that this format
   * does not return is in UTF-8: a state may have keys of another format, from before the job file
   * was changed, and an exception here would fail the job again after each restart.
   */
  public byte[] bytes(String text) {
    try {
      byte[] bytes = parse(text);
      if (text(bytes).equals(text)) { // "+555" is Base64, and Long.parseLong reads it
        return bytes;
      }
    } catch (IllegalArgumentException | Rejection e) {
      // It has another format.
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] parse(String text) {
    return switch (this) {
      case STRING -> text.getBytes(StandardCharsets.UTF_8);
      case LONG -> ByteBuffer.allocate(length).putLong(Long.parseLong(text)).array();
      case INT -> ByteBuffer.allocate(length).putInt(Integer.parseInt(text)).array();
      case UUID -> {
        UUID uuid = java.util.UUID.fromString(text);
        yield ByteBuffer.allocate(length)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array();
      }
      case BYTES -> Base64.getDecoder().decode(text);
    };
  }
}
