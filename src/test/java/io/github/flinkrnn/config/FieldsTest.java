package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every mistake in a field names the file, the path of the field and what was expected. */
class FieldsTest {
  private static Fields fields(String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return Fields.of("f.json", ConfigJson.parse("f.json", "", bytes));
  }

  private static String rejected(String json, Consumer<Fields> read) {
    return InvalidFile.message(() -> read.accept(fields(json)));
  }

  private static Map<String, Integer> colours() {
    Map<String, Integer> colours = new LinkedHashMap<>();
    colours.put("red", 1);
    colours.put("green", 2);
    return colours;
  }

  @Test
  void readsExistingFields() {
    Fields fields =
        fields(
            "{'a': 'x', 'n': 7, 'yes': true, 'in': {'c': 'green'}, 'l': ['p', 'q'], 'no': null}");
    assertThat(fields.text("a")).contains("x");
    assertThat(fields.requiredText("a")).isEqualTo("x");
    assertThat(fields.scalar("n")).contains("7");
    assertThat(fields.scalar("a")).contains("x");
    assertThat(fields.positive("n", 7)).contains(7);
    assertThat(fields.flag("yes", false)).isTrue();
    assertThat(fields.object("in").choice("c", colours())).contains(2);
    assertThat(fields.texts("l")).containsExactly("p", "q");
    assertThat(fields.has("no")).isFalse();
    fields.rejectUnknown();
  }

  @Test
  void nullAndAbsentAreTheSame() {
    Fields fields = fields("{'a': null}");
    for (String name : new String[] {"a", "b"}) {
      assertThat(fields.has(name)).isFalse();
      assertThat(fields.text(name)).isEmpty();
      assertThat(fields.positive(name, 9)).isEmpty();
      assertThat(fields.flag(name, true)).isTrue();
      assertThat(fields.texts(name)).isEmpty();
      assertThat(fields.flattened(name)).isEmpty();
      assertThat(fields.object(name).has("x")).isFalse();
      assertThat(fields.choice(name, colours())).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"[], an array", "'\"x\"', '''x'''", "7, 7", "true, true"})
  void topMustBeAnObject(String json, String found) {
    assertThat(rejected(json, Fields::rejectUnknown))
        .isEqualTo("f.json: expected an object, found " + found);
  }

  @ParameterizedTest
  @CsvSource({
    "7, a string, 7",
    "'[]', a string, an array",
    "'{}', a string, an object",
    "'\"\"', a non-blank string, ''''''",
    "'\" \"', a non-blank string, ''' '''"
  })
  void textMustBeAString(String value, String expected, String found) {
    assertThat(rejected("{'in': {'a': " + value + "}}", f -> f.object("in").text("a")))
        .isEqualTo("f.json: in.a: expected " + expected + ", found " + found);
  }

  @Test
  void requiredTextMustBeThere() {
    assertThat(rejected("{'in': {}}", f -> f.object("in").requiredText("a")))
        .isEqualTo("f.json: in.a: missing: expected a value");
    assertThat(rejected("{}", f -> f.object("in").requiredText("a")))
        .isEqualTo("f.json: in.a: missing: expected a value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "10", "1.5", "1e0", "1e400", "99999999999999999999", "true", "[]"})
  void numberMustBeAnIntegerWithinBounds(String value) {
    assertThat(rejected("{'n': " + value + "}", f -> f.positive("n", 9)))
        .startsWith("f.json: n: expected an integer from 1 to 9, found ");
  }

  // A field that is filled from the environment arrives as a string.
  @Test
  void numbersAndFlagsMayBeTexts() {
    assertThat(fields("{'n': '9'}").positive("n", 9)).contains(9);
    assertThat(fields("{'n': 'false'}").flag("n", true)).isFalse();
    assertThat(rejected("{'n': '9a'}", f -> f.positive("n", 9))).endsWith("found '9a'");
    assertThat(rejected("{'n': ' 9'}", f -> f.positive("n", 9))).endsWith("found ' 9'");
    assertThat(rejected("{'n': 'yes'}", f -> f.flag("n", true)))
        .isEqualTo("f.json: n: expected true or false, found 'yes'");
    assertThat(rejected("{'n': 1}", f -> f.flag("n", true)))
        .isEqualTo("f.json: n: expected true or false, found 1");
  }

  @Test
  void choiceSuggestsTheNearest() {
    assertThat(rejected("{'in': {'c': 'gren'}}", f -> f.object("in").choice("c", colours())))
        .isEqualTo("f.json: in.c: expected red or green, found 'gren' (did you mean green?)");
    assertThat(rejected("{'c': 'ultramarine'}", f -> f.choice("c", colours())))
        .isEqualTo("f.json: c: expected red or green, found 'ultramarine'");
  }

  @Test
  void listNamesTheElementThatIsWrong() {
    assertThat(rejected("{'l': ['a', 2]}", f -> f.texts("l")))
        .isEqualTo("f.json: l[1]: expected a string, found 2");
    assertThat(rejected("{'l': 'a'}", f -> f.texts("l")))
        .isEqualTo("f.json: l: expected an array, found 'a'");
    assertThat(rejected("{'l': ['a', 'b', 'a']}", f -> f.texts("l")))
        .isEqualTo("f.json: l: expected distinct elements, found 'a' twice");
    assertThat(rejected("{'l': ['red', 'greem']}", f -> f.choices("l", colours())))
        .isEqualTo("f.json: l[1]: expected red or green, found 'greem' (did you mean green?)");
  }

  @Test
  void aLongListIsCheckedInLinearTime() {
    StringBuilder list = new StringBuilder("['0'");
    for (int i = 1; i < 200_000; i++) {
      list.append(",'").append(i).append("'");
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> assertThat(fields("{'l': " + list + "]}").texts("l")).hasSize(200_000));
    assertThat(rejected("{'l': " + list + ", '0']}", f -> f.texts("l")))
        .isEqualTo("f.json: l: expected distinct elements, found '0' twice");
    assertThat(rejected("{'l': " + list + "]}", f -> f.texts("l", 1000)))
        .isEqualTo("f.json: l: expected at most 1000 elements, found 200000");
  }

  @Test
  void freeMapIsFlattened() {
    assertThat(fields("{'m': {'a': {'b': 1, 'c.d': true}, 'a.e': 'x'}}").flattened("m"))
        .containsExactly(Map.entry("a.b", "1"), Map.entry("a.c.d", "true"), Map.entry("a.e", "x"));
    assertThat(rejected("{'m': {'a': {'b': 1}, 'a.b': 2}}", f -> f.flattened("m")))
        .isEqualTo("f.json: m.a.b: expected one value, found two");
    assertThat(rejected("{'m': {'a': [1]}}", f -> f.flattened("m")))
        .isEqualTo("f.json: m.a: expected a value, found an array");
    assertThat(rejected("{'m': 3}", f -> f.flattened("m")))
        .isEqualTo("f.json: m: expected an object, found 3");
  }

  @Test
  void unknownFieldListsTheKnownOnes() {
    assertThat(
            rejected(
                "{'in': {'sise': 1}}",
                f -> {
                  Fields in = f.object("in");
                  in.positive("size", 9);
                  in.text("type");
                  in.rejectUnknown();
                }))
        .isEqualTo("f.json: in.sise: unknown field (did you mean size?); expected size, type");
  }
}
