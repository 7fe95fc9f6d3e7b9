package io.github.flinkrnn.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Maps the outputs of a network that predicts the next token to the words of its vocabulary. The
 * labels of the outputs are the words. Without labels, there are as many outputs as words, in the
 * same order.
 */
@Internal
public final class WordOutputs {
  /** The result for a word without an output, and for an output without a word. */
  public static final int NONE = -1;

  private final int head;
  private final int field;
  private final List<String> names;
  private final int[] ofWord;
  private final int[] wordOf;

  private WordOutputs(int head, int field, List<String> names, int[] ofWord, int[] wordOf) {
    this.head = head;
    this.field = field;
    this.names = names;
    this.ofWord = ofWord;
    this.wordOf = wordOf;
  }

  /**
   * The first head whose outputs are all words of the model or of one of its fields; otherwise the
   * first that has any of these words.
   *
   * @throws IllegalArgumentException when the input or the outputs of the model are not words
   */
  public static WordOutputs of(RnnModel model) {
    WordOutputs partial = null;
    IllegalArgumentException first = null;
    for (int head = 0; head < model.heads().size(); head++) {
      for (Words words : words(model, head)) {
        try {
          WordOutputs found = of(head, words.field(), model.heads().get(head), words.words());
          if (found.namesWithoutWord().isEmpty()) {
            return found;
          }
          partial = partial == null ? found : partial;
        } catch (IllegalArgumentException e) {
          first = first == null ? e : first;
        }
      }
    }
    if (partial != null) {
      return partial;
    }
    throw first != null
        ? first
        : new IllegalArgumentException("expected a model of words, found " + kind(model));
  }

  /** The words of the model, or of one of its fields. */
  private record Words(int field, List<String> words) {}

  private static List<Words> words(RnnModel model, int head) {
    if (model.input() instanceof ModelInput.Words words) {
      return List.of(new Words(NONE, words.vocabulary().words()));
    }
    List<Words> found = new ArrayList<>();
    // Without labels, a category with as many words may be there by chance.
    if (model.input() instanceof ModelInput.Fields input
        && !model.heads().get(head).labels().isEmpty()) {
      for (int field = 0; field < input.fields().size(); field++) {
        if (input.fields().get(field) instanceof InputField.CategoryField category
            && category.vocabulary() != null) {
          found.add(new Words(field, category.vocabulary().words()));
        }
      }
    }
    return found;
  }

  private static String kind(RnnModel model) {
    return model.input() instanceof ModelInput.Fields
        ? "no field whose words are the labels of a head"
        : "one of features";
  }

  private static WordOutputs of(int at, int field, Head head, List<String> vocabulary) {
    List<String> names = head.labels().isEmpty() ? vocabulary : head.labels();
    if (names.size() != head.size()) {
      throw new IllegalArgumentException(
          "expected labels that are words, or as many outputs as words, found "
              + head.size()
              + " outputs without labels and "
              + vocabulary.size()
              + " words");
    }
    Map<String, Integer> outputs = new HashMap<>();
    for (int output = 0; output < names.size(); output++) {
      outputs.putIfAbsent(names.get(output), output);
    }
    int[] ofWord = new int[vocabulary.size()];
    int[] wordOf = new int[names.size()];
    Arrays.fill(wordOf, NONE);
    int known = 0;
    for (int word = 0; word < ofWord.length; word++) {
      ofWord[word] = outputs.getOrDefault(vocabulary.get(word), NONE);
      if (ofWord[word] != NONE) {
        wordOf[ofWord[word]] = word;
        known++;
      }
    }
    if (known == 0) {
      throw new IllegalArgumentException(
          "expected labels that are words of the vocabulary, found none");
    }
    return new WordOutputs(at, field, List.copyOf(names), ofWord, wordOf);
  }

  /** The index of the head. */
  public int head() {
    return head;
  }

  /** The index of the field whose words these are; {@link #NONE} for a model of words. */
  public int field() {
    return field;
  }

  /** The output for a word id, or {@link #NONE}. */
  public int ofWord(int word) {
    return ofWord[word];
  }

  /** The word id for an output, or {@link #NONE}. */
  public int wordOf(int output) {
    return wordOf[output];
  }

  /** The label or word of an output. */
  public String name(int output) {
    return names.get(output);
  }

  /** Whether an output has this name. */
  public boolean isName(String name) {
    return names.contains(name);
  }

  /** The names of the outputs that are not words. */
  public List<String> namesWithoutWord() {
    List<String> without = new ArrayList<>();
    for (int output = 0; output < wordOf.length; output++) {
      if (wordOf[output] == NONE) {
        without.add(names.get(output));
      }
    }
    return without;
  }
}
