package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/** The words of a model. The id of a word is its line in the file, from 0. */
@PublicEvolving
public final class Vocabulary {
  /** The id of an unknown word if there is no unknown token. */
  public static final int NONE = -1;

  // A string, its entries in the map and the list. Its characters are counted separately.
  private static final int BYTES_A_WORD = 128;
  private static final int MAX_WORD_BYTES = 1 << 20;

  private final List<String> words;
  private final Map<String, Integer> ids;
  private final boolean lowercase;
  private final int unknown;

  private Vocabulary(List<String> words, Map<String, Integer> ids, boolean lowercase, int unknown) {
    this.words = words;
    this.ids = ids;
    this.lowercase = lowercase;
    this.unknown = unknown;
  }

  /**
   * Reads the words.
   *
   * @param file the name of the file in errors
   * @param utf8 one word per line; the newline of the last line is optional
   * @param lowercase whether words are converted to lower case before they are looked up
   * @param unknownToken the word that replaces unknown words; null for none
   * @throws InvalidFileException when a word is too long or there twice, or there are none
   */
  static Vocabulary read(
      String file, InputStream utf8, boolean lowercase, String unknownToken, LoadMemory memory)
      throws IOException {
    List<String> words = new ArrayList<>();
    Map<String, Integer> ids = new HashMap<>();
    Lines lines = new Lines(file, utf8);
    for (String word = lines.next(); word != null; word = lines.next()) {
      memory.take(file, BYTES_A_WORD + 4L * word.length());
      Integer earlier = ids.put(word, words.size());
      if (earlier != null) {
        String twice = "expected distinct words, found '" + word + "' of line " + (earlier + 1);
        throw new InvalidFileException(file, "line " + (words.size() + 1), twice);
      }
      words.add(word);
    }
    if (words.isEmpty()) {
      throw new InvalidFileException(file, "", "expected at least one word, found none");
    }
    if (unknownToken != null && !ids.containsKey(unknownToken)) {
      throw new InvalidFileException(
          file, "", "missing: expected '" + unknownToken + "' of input.unknown_token");
    }
    int unknown = unknownToken == null ? NONE : ids.get(unknownToken);
    return new Vocabulary(words, ids, lowercase, unknown);
  }

  /** Reads lines of bounded length, because a hostile file may be a single line. */
  private static final class Lines {
    private final String file;
    private final InputStream in;
    private final byte[] chunk = new byte[1 << 16];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int at;
    private int end;
    private int count;
    private boolean afterReturn; // the \n of \r\n does not end another line

    Lines(String file, InputStream in) {
      this.file = file;
      this.in = in;
    }

    /** The next line without its line end; null at the end of the file. */
    String next() throws IOException {
      line.reset();
      boolean any = false;
      for (int next = read(); next >= 0; next = read()) {
        if (next == '\n' && afterReturn) {
          afterReturn = false;
          continue;
        }
        afterReturn = next == '\r';
        if (next == '\n' || next == '\r') {
          return text();
        }
        any = true;
        line.write(next);
        if (line.size() > MAX_WORD_BYTES) {
          throw new InvalidFileException(
              file,
              "line " + (count + 1),
              "expected at most " + MAX_WORD_BYTES + " bytes, found more");
        }
      }
      return any ? text() : null;
    }

    private int read() throws IOException {
      if (at == end) {
        end = in.read(chunk);
        at = 0;
        if (end <= 0) {
          end = 0;
          return -1;
        }
      }
      return chunk[at++] & 0xff;
    }

    private String text() {
      count++;
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(line.toByteArray()))
            .toString();
      } catch (CharacterCodingException e) {
        throw new InvalidFileException(file, "", "cannot be read: not UTF-8");
      }
    }
  }

  /** {@return the number of words} */
  public int size() {
    return words.size();
  }

  /** {@return whether words are converted to lower case before they are looked up} */
  public boolean lowercase() {
    return lowercase;
  }

  /** The unknown token's id, or {@link #NONE}. */
  int unknown() {
    return unknown;
  }

  /** A copy in which one of its words replaces unknown words. */
  Vocabulary withUnknown(String word) {
    return new Vocabulary(words, ids, lowercase, ids.get(word));
  }

  List<String> words() {
    return words;
  }

  /**
   * Whether a word is in the vocabulary, so that it is not replaced by the unknown token.
   *
   * @param word any string
   * @return whether the vocabulary has it
   */
  public boolean holds(String word) {
    return ids.containsKey(lowercase ? word.toLowerCase(Locale.ROOT) : word);
  }

  /**
   * Whether two words are looked up as the same word.
   *
   * @param word any string
   * @param other another string
   * @return whether they are the same word
   */
  public boolean isSame(String word, String other) {
    return lowercase
        ? word.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT))
        : word.equals(other);
  }

  /**
   * The word of an id, from 0.
   *
   * @param id an id below {@link #size}
   * @return the word
   */
  public String word(int id) {
    return words.get(id);
  }

  /**
   * The id of a word; for an unknown word, that of the unknown token or {@link #NONE}.
   *
   * @param word any string
   * @return the id, or {@link #NONE}
   */
  public int id(String word) {
    Integer id = ids.get(lowercase ? word.toLowerCase(Locale.ROOT) : word);
    return id == null ? unknown : id;
  }
}
