package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The words that a model knows; a word's id is its line in the file, from 0. */
public final class Vocabulary {
  /** What {@link #id} says of a word that the model has no reading for. */
  public static final int NONE = -1;

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
   * @param file how to name the file in errors
   * @param utf8 a word a line; the last line may end without a newline
   * @param unknownToken the word to read for any other, or null when there is none
   */
  static Vocabulary parse(String file, byte[] utf8, boolean lowercase, String unknownToken) {
    List<String> words = lines(file, utf8);
    Map<String, Integer> ids = new HashMap<>(words.size() * 2);
    for (int id = 0; id < words.size(); id++) {
      Integer earlier = ids.put(words.get(id), id);
      if (earlier != null) {
        String twice = "'" + words.get(id) + "' stands on line " + (earlier + 1) + " already";
        throw new InvalidFileException(file, "line " + (id + 1), twice);
      }
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

  private static List<String> lines(String file, byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      return text.lines().toList();
    } catch (CharacterCodingException e) {
      throw new InvalidFileException(file, "", "is not UTF-8");
    }
  }

  /** For an error about an embedding: what a row more than the words may be; else nothing. */
  public static String extraRow(int rows, int words) {
    return rows == words + 1
        ? "; if id 0 is padding, put a line for it, such as <pad>, at the top of vocab.txt"
        : "";
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
