package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Carried values: a prediction repeats the JSON of its record. */
class CarriedValueTest {
  private static Token decode(TokenFields fields, String json) throws Rejection {
    return new TokenDecoder(fields, Reads.WORD, 1 << 20).decode(SourceRecords.of(json));
  }

  private static Token carrying(String value) throws Rejection {
    TokenFields fields = new TokenFields(Map.of(), List.of("/x"));
    return decode(fields, "{\"key\":\"a\",\"x\":" + value + ",\"token\":\"the\"}");
  }

  private static String encode(Token token) {
    Prediction prediction =
        new Prediction("a", 1, null, null, null, null, null, null, null, null, token.carried());
    return new String(new PredictionEncoder(List.of("x")).serialize(prediction), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"DE\"",
        "\"\"",
        "\"Größe 😀\"",
        "\"a\\\"b\\\\c\\n\"",
        "0",
        "-12",
        "1.10",
        "1e400",
        "1E+2",
        "-0.0",
        "123456789012345678901234567890",
        "0.12345678901234567890123456789",
        "1e99999999999",
        "-0",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "[1,[2.50,{\"a\":null}],\"x\"]",
        "{\"a\":1.10,\"b\":[true,1e400],\"c\":{\"d\":\"e\"}}"
      })
  void isRepeatedUnchanged(String value) throws Rejection {
    Token token = carrying(value);
    assertThat(token.carried()).containsExactly(value);
    assertThat(encode(token)).isEqualTo("{\"key\":\"a\",\"t\":1,\"x\":" + value + "}");
  }

  @Test
  void losesOnlyWhiteSpaceAndEscapes() throws Rejection {
    assertThat(carrying("{ \"a\" :\n[ 1 , \"\\u0041\\/\\u00fc\" ] }").carried())
        .containsExactly("{\"a\":[1,\"A/ü\"]}");
  }

  /** Python writes NaN and Infinity, which a strict JSON parser does not accept. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          NaN                     | "NaN"
          Infinity                | "Infinity"
          -Infinity               | "-Infinity"
          [1,NaN]                 | [1,"NaN"]
          {"a":{"b":-Infinity}}   | {"a":{"b":"-Infinity"}}
          """)
  void turnsNonFiniteNumbersIntoStrings(String value, String text) throws Rejection {
    Token token = carrying(value);
    assertThat(token.carried()).containsExactly(text);
    assertThat(StrictJson.parse(encode(token).getBytes(UTF_8)).has("x")).isTrue();
  }

  @Test
  void isAbsentWhereTheRecordHasNone() throws Rejection {
    TokenFields fields = new TokenFields(Map.of(), List.of("/x", "/user/country"));
    Token token = decode(fields, "{\"key\":\"a\",\"token\":\"the\",\"user\":{\"country\":\"DE\"}}");
    assertThat(token.carried()).containsExactly(null, "\"DE\"");
  }

  @Test
  void canContainFieldsOfTheToken() throws Rejection {
    TokenFields fields =
        new TokenFields(
            Map.of("key", "/user/id", "token", "/words/1", "seq", "/user/n"),
            List.of("/user", "/words", "/user/n"));
    Token token =
        decode(fields, "{\"user\":{\"id\":5,\"n\":7,\"x\":1.10},\"words\":[\"zebra\",\"the\"]}");
    assertThat(token.key()).isEqualTo("5");
    assertThat(token.token()).isEqualTo("the");
    assertThat(token.seq()).isEqualTo(7L);
    assertThat(token.carried())
        .containsExactly("{\"id\":5,\"n\":7,\"x\":1.10}", "[\"zebra\",\"the\"]", "7");
  }

  @Test
  void canBeAFieldOfTheToken() throws Rejection {
    TokenFields fields = new TokenFields(Map.of("key", "/id"), List.of("/id"));
    Token token = decode(fields, "{\"id\":12,\"token\":\"the\"}");
    assertThat(token.key()).isEqualTo("12");
    assertThat(token.carried()).containsExactly("12");
  }

  @Test
  void theLastOfDuplicateValuesIsCarried() throws Rejection {
    TokenFields fields = new TokenFields(Map.of(), List.of("/x"));
    assertThat(decode(fields, "{\"key\":\"a\",\"token\":\"the\",\"x\":1,\"x\":[2]}").carried())
        .containsExactly("[2]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\ud800\"", "[\"a\\udc00\"]", "{\"\\ud800\":1}", "{\"\\udc00\":1}"})
  void rejectsHalfOfASurrogatePair(String value) {
    Rejection rejection = catchThrowableOfType(Rejection.class, () -> carrying(value));
    assertThat(rejection.reason()).isEqualTo(Reason.NOT_JSON);
    assertThat(rejection).hasMessageContaining("surrogate");
  }

  @Test
  void rejectsValuesThatAreTooLong() throws Rejection {
    String most = "\"" + "x".repeat((64 << 10) - 2) + "\"";
    assertThat(carrying(most).carried()[0]).hasSize(65_536);
    Rejection tooLong = catchThrowableOfType(Rejection.class, () -> carrying("[" + most + "]"));
    assertThat(tooLong.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(tooLong).hasMessage("carried value: expected at most 65536 characters, found 65538");
  }

  @Test
  void rejectsExcessiveNestingAndDigits() {
    Rejection deep = catchThrowableOfType(Rejection.class, () -> carrying("[".repeat(50_000)));
    assertThat(deep.reason()).isEqualTo(Reason.TOO_DEEP);
    Rejection digits = catchThrowableOfType(Rejection.class, () -> carrying("9".repeat(2000)));
    assertThat(digits.reason()).isEqualTo(Reason.TOO_LARGE);
  }

  /**
   * Each value is within its limit, but a prediction with all of them would be too large for Kafka.
   */
  @Test
  void hasATotalLimitPerRecord() {
    String text = "\"" + "x".repeat(60_000) + "\"";
    String json =
        "{\"key\":\"a\",\"token\":\"the\",\"x\":"
            + text
            + ",\"y\":"
            + text
            + ",\"z\":"
            + text
            + "}";
    TokenFields fields = new TokenFields(Map.of(), List.of("/x", "/y", "/z"));
    Rejection rejection = catchThrowableOfType(Rejection.class, () -> decode(fields, json));
    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(rejection).hasMessage("carried values: expected at most 131072 characters");
  }
}
