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

/** The words that a model knows; a word's id is its line in the file, from 0. */
public final class Vocabulary {
  /** What {@link #id} says of a word that the model has no reading for. */
  public static final int NONE = -1;

  // A string, its place in the map and in the list; each letter is counted apart.
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
   * @param file how to name the file in errors
   * @param utf8 a word a line; the last line may end without a newline
   * @param unknownToken the word to read for any other, or null when there is none
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
        String twice = "'" + word + "' stands on line " + (earlier + 1) + " already";
        throw new InvalidFileException(file, "line " + (words.size() + 1), twice);
      }
      words.add(word);
    }
    if (words.isEmpty()) {
      throw new InvalidFileException(file, "", "holds no word");
    }
    if (unknownToken != null && !ids.containsKey(unknownToken)) {
      throw new InvalidFileException(
          file, "", "does not hold '" + unknownToken + "', which input.unknown_token names");
    }
    int unknown = unknownToken == null ? NONE : ids.get(unknownToken);
    return new Vocabulary(words, ids, lowercase, unknown);
  }

  /** A line after the other, each of a bounded length: one may be the whole of a hostile file. */
  private static final class Lines {
    private final String file;
    private final InputStream in;
    private final byte[] chunk = new byte[1 << 16];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int at;
    private int end;
    private int count;
    private boolean afterReturn; // of \r\n the newline ends no line of its own

    Lines(String file, InputStream in) {
      this.file = file;
      this.in = in;
    }

    /** The next line without its end, or null. */
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
              file, "line " + (count + 1), "is longer than " + MAX_WORD_BYTES + " bytes");
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
        throw new InvalidFileException(file, "", "is not UTF-8");
      }
    }
  }

  public int size() {
    return words.size();
  }

  public boolean lowercase() {
    return lowercase;
  }

  /** The unknown token's id, or {@link #NONE}. */
  int unknown() {
    return unknown;
  }

  List<String> words() {
    return words;
  }

  /** Whether it is a word of its own here, and not read as the unknown one. */
  public boolean holds(String word) {
    return ids.containsKey(lowercase ? word.toLowerCase(Locale.ROOT) : word);
  }

  /** Whether both are read as the same word. */
  public boolean isSame(String word, String other) {
    return lowercase
        ? word.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT))
        : word.equals(other);
  }

  /** The word of an id, from 0. */
  public String word(int id) {
    return words.get(id);
  }

  /** The word's id; the unknown token's for another word; {@link #NONE} when there is none. */
  public int id(String word) {
    Integer id = ids.get(lowercase ? word.toLowerCase(Locale.ROOT) : word);
    return id == null ? unknown : id;
  }
}
