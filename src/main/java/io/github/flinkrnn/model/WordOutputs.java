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

  private final List<String> names;
  private final int[] ofWord;
  private final int[] wordOf;

  private WordOutputs(List<String> names, int[] ofWord, int[] wordOf) {
    this.names = names;
    this.ofWord = ofWord;
    this.wordOf = wordOf;
  }

  /**
   * @throws IllegalArgumentException when the input or the outputs of the model are not words
   */
  public static WordOutputs of(RnnModel model) {
    if (!(model.input() instanceof ModelInput.Words words)) {
      throw new IllegalArgumentException("expected a model of words, found one of features");
    }
    List<String> vocabulary = words.vocabulary().words();
    List<String> names = model.labels().isEmpty() ? vocabulary : model.labels();
    if (names.size() != model.outputSize()) {
      throw new IllegalArgumentException(
          "expected labels that are words, or as many outputs as words, found "
              + model.outputSize()
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
    return new WordOutputs(List.copyOf(names), ofWord, wordOf);
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
