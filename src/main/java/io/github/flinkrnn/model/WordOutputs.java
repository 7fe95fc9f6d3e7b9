package io.github.flinkrnn.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which output of a model stands for which word of its vocabulary: that of a network that predicts
 * the next token. The outputs' labels are the words; without labels there are as many outputs as
 * words, in their order.
 */
public final class WordOutputs {
  /** For a word without an output, and for an output without a word. */
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
   * @throws IllegalArgumentException when the model reads no words, or its outputs are none
   */
  public static WordOutputs of(RnnModel model) {
    if (!(model.input() instanceof ModelInput.Words words)) {
      throw new IllegalArgumentException("expected a model of words, found one of features");
    }
    List<String> vocabulary = words.vocabulary().words();
    List<String> names = model.labels().isEmpty() ? vocabulary : model.labels();
    if (names.size() != model.outputSize()) {
      throw new IllegalArgumentException(
          "expected an output a word: labels that are words, or as many outputs as words; found "
              + model.outputSize()
              + " outputs without labels, and "
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
          "expected labels that are words of the vocabulary, found none that is");
    }
    return new WordOutputs(List.copyOf(names), ofWord, wordOf);
  }

  /** The output that stands for a word, by the word's id; or {@link #NONE}. */
  public int ofWord(int word) {
    return ofWord[word];
  }

  /** The id of the word that an output stands for; or {@link #NONE}. */
  public int wordOf(int output) {
    return wordOf[output];
  }

  /** The word, or whatever an output is called. */
  public String name(int output) {
    return names.get(output);
  }

  /** The names of outputs that are no words. */
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
