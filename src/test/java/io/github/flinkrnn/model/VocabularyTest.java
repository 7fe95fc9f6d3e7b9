package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The id of a word is its line, from 0. */
class VocabularyTest {
  @TempDir private Path directory;

  private static Vocabulary parse(String text, boolean lowercase, String unknown) {
    return Vocabularies.read("v", text.getBytes(StandardCharsets.UTF_8), lowercase, unknown);
  }

  @Test
  void idIsTheLine() {
    Vocabulary words = parse("the\n日本\n<unk>\n two words ", false, null);
    assertThat(words.size()).isEqualTo(4);
    assertThat(words.id("the")).isZero();
    assertThat(words.id("日本")).isEqualTo(1);
    assertThat(words.id(" two words ")).isEqualTo(3);
    assertThat(words.id("The")).isEqualTo(Vocabulary.NONE);
    assertThat(words.id("<UNK>")).isEqualTo(Vocabulary.NONE);
  }

  @Test
  void lastLineMayEndOrNot() {
    assertThat(parse("a\nb", false, null).size()).isEqualTo(2);
    assertThat(parse("a\nb\n", false, null).size()).isEqualTo(2);
    assertThat(parse("a\r\nb\r\n", false, null).id("b")).isEqualTo(1);
  }

  // An empty line is a word like any other, so the ids after it must not change.
  @Test
  void emptyLineKeepsItsId() {
    Vocabulary words = parse("\na\n", false, null);
    assertThat(words.id("")).isZero();
    assertThat(words.id("a")).isEqualTo(1);
  }

  @Test
  void unknownWordReadsAsTheUnknownToken() {
    Vocabulary words = parse("a\n<unk>\nb", false, "<unk>");
    assertThat(words.id("zebra")).isEqualTo(1);
    assertThat(words.id("b")).isEqualTo(2);
    assertThat(words.unknown()).isEqualTo(1);
  }

  @Test
  void lowercaseIsTheSameInEveryLanguage() {
    Vocabulary words = parse("title\nétat", true, null);
    assertThat(words.id("TITLE")).isZero(); // in a Turkish locale, I has another lower case
    assertThat(words.id("ÉTAT")).isEqualTo(1);
    assertThat(words.id("title")).isZero();
  }

  @Test
  void rejectsADuplicateWord() {
    assertThat(InvalidFile.message(() -> parse("a\nb\nc\nb\n", false, null)))
        .isEqualTo("v: line 4: expected distinct words, found 'b' of line 2");
  }

  @Test
  void rejectsAnUnknownTokenOutsideTheVocabulary() {
    assertThat(InvalidFile.message(() -> parse("a\nb", false, "<unk>")))
        .isEqualTo("v: missing: expected '<unk>' of input.unknown_token");
  }

  @Test
  void rejectsEmptyFile() {
    assertThat(InvalidFile.message(() -> parse("", false, null)))
        .isEqualTo("v: expected at least one word, found none");
  }

  @Test
  void rejectsBytesThatAreNotUtf8() {
    byte[] latin1 = "caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(InvalidFile.message(() -> Vocabularies.read("v", latin1, false, null)))
        .isEqualTo("v: cannot be read: not UTF-8");
  }

  @Test
  void namesTheFileOfTheModelDirectory() throws IOException {
    ModelDirectory model = ModelDirectory.in(directory).config("{'input': {'file': 'w.txt'}}");
    Files.write(model.path("w.txt"), new byte[] {'a', '\n', (byte) 0xff});
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(model.path("w.txt") + ": cannot be read: not UTF-8");
  }

  @Test
  void isRequiredForAVocabularyModel() throws IOException {
    ModelDirectory model = ModelDirectory.in(directory).config("{'input': {'type': 'vocabulary'}}");
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(model.path("vocab.txt") + ": missing: expected the words of a vocabulary model");
  }
}
