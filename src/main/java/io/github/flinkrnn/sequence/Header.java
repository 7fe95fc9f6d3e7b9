package io.github.flinkrnn.sequence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A header of a Kafka record.
 *
 * <p>Immutable: the array must not be changed afterwards.
 *
 * @param name the name, which other headers of the record may also have
 * @param value the bytes, or null
 */
@PublicEvolving
public record Header(String name, byte[] value) {
  private static final int LENGTHS = 10; // two, of at most five bytes each
  private static final int CHARACTER = 3; // the most bytes of one

  /**
   * The headers with some names, in their order; null for none.
   *
   * @param names the names
   * @param headers all headers
   * @return the headers, or null
   */
  public static Header[] named(Set<String> names, Header[] headers) {
    List<Header> found = new ArrayList<>();
    for (Header header : headers) {
      if (names.contains(header.name())) {
        found.add(header);
      }
    }
    return found.isEmpty() ? null : found.toArray(Header[]::new);
  }

  /**
   * At most how many bytes headers take in a record.
   *
   * @param headers the headers, or null
   * @return the number of bytes
   */
  public static long bytes(Header[] headers) {
    long bytes = 0;
    if (headers != null) {
      for (Header header : headers) {
        bytes += LENGTHS + (long) CHARACTER * header.name().length();
        bytes += header.value() == null ? 0 : header.value().length;
      }
    }
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Header that
        && name.equals(that.name)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, Arrays.hashCode(value));
  }

  /** The name and the length of the value, which may be sensitive. */
  @Override
  public String toString() {
    return name + (value == null ? " (null)" : " (" + value.length + " bytes)");
  }
}
