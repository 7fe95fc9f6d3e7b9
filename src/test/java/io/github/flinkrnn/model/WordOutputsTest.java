package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which output predicts which word. */
class WordOutputsTest {
  @TempDir private Path directory;

  /** A model of the words a, b, c with this many outputs. */
  private RnnModel words(String output, int outputs) throws IOException {
    return ModelDirectory.in(directory)
        .config("{'input': {'type': 'vocabulary'}, 'output': " + output + "}")
        .vocabulary("a", "b", "c")
        .parameters(
            "{'Waa': [[0.5]], 'Wax': [[1, 2, 3]], 'Wya': "
                + Collections.nCopies(outputs, "[1]")
                + "}")
        .load();
  }

  @Test
  void withoutLabelsTheOutputsAreTheWordsInTheirOrder() throws IOException {
    WordOutputs outputs = WordOutputs.of(words("{}", 3));
    for (int word = 0; word < 3; word++) {
      assertThat(outputs.ofWord(word)).isEqualTo(word);
      assertThat(outputs.wordOf(word)).isEqualTo(word);
      assertThat(outputs.name(word)).isEqualTo("abc".substring(word, word + 1));
    }
    assertThat(outputs.namesWithoutWord()).isEmpty();
  }

  @Test
  void labelsMayNameTheWordsInAnyOrder() throws IOException {
    WordOutputs outputs = WordOutputs.of(words("{'labels': ['c', 'a', 'b']}", 3));
    assertThat(outputs.ofWord(0)).isEqualTo(1);
    assertThat(outputs.ofWord(1)).isEqualTo(2);
    assertThat(outputs.ofWord(2)).isZero();
    assertThat(outputs.wordOf(0)).isEqualTo(2);
    assertThat(outputs.wordOf(1)).isZero();
    assertThat(outputs.wordOf(2)).isEqualTo(1);
    assertThat(outputs.name(0)).isEqualTo("c");
    assertThat(outputs.namesWithoutWord()).isEmpty();
  }

  @Test
  void aWordWithoutAnOutputAndAnOutputWithoutAWordHaveNone() throws IOException {
    WordOutputs outputs = WordOutputs.of(words("{'labels': ['x', 'c', 'y', 'a']}", 4));
    assertThat(outputs.ofWord(0)).isEqualTo(3);
    assertThat(outputs.ofWord(1)).isEqualTo(WordOutputs.NONE);
    assertThat(outputs.ofWord(2)).isEqualTo(1);
    assertThat(outputs.wordOf(0)).isEqualTo(WordOutputs.NONE);
    assertThat(outputs.wordOf(1)).isEqualTo(2);
    assertThat(outputs.wordOf(2)).isEqualTo(WordOutputs.NONE);
    assertThat(outputs.wordOf(3)).isZero();
    assertThat(outputs.namesWithoutWord()).containsExactly("x", "y");
  }

  @Test
  void otherNumbersOfOutputsWithoutLabelsAreRejected() throws IOException {
    RnnModel model = words("{}", 2);
    assertThatThrownBy(() -> WordOutputs.of(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected labels that are words, or as many outputs as words, found 2 outputs without"
                + " labels and 3 words");
  }

  @Test
  void labelsThatContainNoWordAreRejected() throws IOException {
    RnnModel model = words("{'labels': ['A', 'B', 'C']}", 3);
    assertThatThrownBy(() -> WordOutputs.of(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected labels that are words of the vocabulary, found none");
  }

  @Test
  void aModelOfFeaturesIsRejected() throws IOException {
    RnnModel model =
        ModelDirectory.in(directory)
            .config("{'input': {'type': 'features'}, 'output': {'activation': 'identity'}}")
            .parameters("{'Waa': [[0.5]], 'Wax': [[1]], 'Wya': [[1]]}")
            .load();
    assertThatThrownBy(() -> WordOutputs.of(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a model of words, found one of features");
  }
}
