package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invalid fields of a well-formed record. Each mistake gives its reason and one line. */
class TokenDecoderRejectsTest {
  private static final Reads WORDS = Reads.WORD;
  private static final Reads FEATURES = Reads.FEATURES;

  private static Rejection rejection(Reads input, SourceRecord record) {
    TokenDecoder decoder =
        new TokenDecoder(TokenFields.TOP_LEVEL, input, TokenDecoder.DEFAULT_MAX_BYTES);
    return Assertions.catchThrowableOfType(Rejection.class, () -> decoder.decode(record));
  }

  private static void assertRejected(
      Reads input, SourceRecord record, String reason, String detail) {
    Rejection rejection = rejection(input, record);
    assertThat(rejection).isNotNull();
    assertThat(rejection.reason().text() + " | " + rejection.getMessage())
        .isEqualTo(reason + " | " + detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"key":"a"}                          | missing-field | token: missing: expected a string or an integer
          {"key":"a","token":null}             | missing-field | token: missing: expected a string or an integer
          {"key":"a","features":[1,2,3]}       | missing-field | token: missing: expected a string or an integer
          {"token":"the"}                      | missing-field | key: missing: expected it in the value or as the record's key
          {"key":null,"token":"the"}           | missing-field | key: missing: expected it in the value or as the record's key
          {"key":"a","token":5.0}              | wrong-type    | token: expected a string or an integer, found a number
          {"key":"","token":"the"}             | missing-field | key: expected at least one character, found none
          {"key":"a","token":["the"]}          | wrong-type    | token: expected a string or an integer, found an array
          {"key":"a","token":{"the":1}}        | wrong-type    | token: expected a string or an integer, found an object
          {"key":"a","token":true}             | wrong-type    | token: expected a string or an integer, found a boolean
          {"key":1.5,"token":"the"}            | wrong-type    | key: expected a string or an integer, found a number
          {"key":true,"token":"the"}           | wrong-type    | key: expected a string or an integer, found a boolean
          {"key":["a"],"token":"the"}          | wrong-type    | key: expected a string or an integer, found an array
          {"key":{"a":1},"token":"the"}        | wrong-type    | key: expected a string or an integer, found an object
          """)
  void whatAVocabularyModelCannotRead(String json, String reason, String detail) {
    assertRejected(WORDS, SourceRecords.of(json), reason, detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"key":"a"}                             | missing-field | features: missing: expected an array of numbers
          {"key":"a","features":null}             | missing-field | features: missing: expected an array of numbers
          {"key":"a","token":"the"}               | missing-field | features: missing: expected an array of numbers
          {"key":"a","features":7}                | wrong-type    | features: expected an array of numbers, found a number
          {"key":"a","features":"1,2,3"}          | wrong-type    | features: expected an array of numbers, found a string
          {"key":"a","features":{"0":1}}          | wrong-type    | features: expected an array of numbers, found an object
          {"key":"a","features":[1,"2",3]}        | wrong-type    | features[1]: expected a number, found a string
          {"key":"a","features":[1,2,null]}       | wrong-type    | features[2]: expected a number, found null
          {"key":"a","features":[[1,2,3]]}        | wrong-type    | features[0]: expected a number, found an array
          {"key":"a","features":[1,{},3]}         | wrong-type    | features[1]: expected a number, found an object
          {"key":"a","features":[1,true,3]}       | wrong-type    | features[1]: expected a number, found a boolean
          {"key":"a","features":[NaN,2,3]}        | not-finite    | features[0]: expected a finite float32
          {"key":"a","features":[1,Infinity,3]}   | not-finite    | features[1]: expected a finite float32
          {"key":"a","features":[1,2,-Infinity]}  | not-finite    | features[2]: expected a finite float32
          {"key":"a","features":[1,1e999,3]}      | not-finite    | features[1]: expected a finite float32
          {"key":"a","features":[1e39,2,3]}       | not-finite    | features[0]: expected a finite float32
          {"key":"a","features":[1,-3.5e38,3]}    | not-finite    | features[1]: expected a finite float32
          """)
  void whatAFeaturesModelCannotRead(String json, String reason, String detail) {
    assertRejected(FEATURES, SourceRecords.of(json), reason, detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "seq":1.5                              | seq: expected a 64-bit integer, found a number
          "seq":1180591620717411303424           | seq: expected a 64-bit integer, found a number
          "seq":9223372036854775808              | seq: expected a 64-bit integer, found a number
          "seq":1e3                              | seq: expected a 64-bit integer, found a number
          "seq":NaN                              | seq: expected a 64-bit integer, found a number
          "seq":"3"                              | seq: expected a 64-bit integer, found a string
          "seq":[3]                              | seq: expected a 64-bit integer, found an array
          "timestamp":"2026-01-01T00:00:00"      | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found another string
          "timestamp":"1700000000000"            | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found another string
          "timestamp":"+300000000-01-01T00:00:00Z" | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found another string
          "timestamp":1.7e12                     | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found a number
          "timestamp":9223372036854775808        | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found a number
          "timestamp":true                       | timestamp: expected an integer in milliseconds or ISO 8601 with an offset, found a boolean
          "start":"yes"                          | start: expected true or false, found a string
          "start":1                              | start: expected true or false, found a number
          "end":{}                               | end: expected true or false, found an object
          """)
  void invalidOptionalFields(String field, String detail) {
    String json = "{\"key\":\"a\",\"token\":\"the\"," + field + "}";
    assertRejected(WORDS, SourceRecords.of(json), "wrong-type", detail);
  }

  /** In words about the record, without the names of the parser's options. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          hello      | Unrecognized token 'hello': expected a JSON value
          {"a":.5}   | Unexpected character ('.' (code 46)): expected a JSON value
          {"a":+1}   | Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs
          {"a":1]    | Unexpected close marker ']': expected '}'
          /* c */{}  | Unexpected character ('/' (code 47)): JSON has no comments
          {a:1}      | Unexpected character ('a' (code 97)): was expecting double-quote to start property name
          """)
  void whatTheParserSaysIsShort(String json, String detail) {
    assertRejected(WORDS, SourceRecords.of(json), "not-json", detail);
  }

  /** Inside each field that a prediction repeats: it could not be written as UTF-8. */
  @ParameterizedTest
  @CsvSource({"key,token", "token,key"})
  void halfOfASurrogatePair(String bad, String good) {
    for (String half : new String[] {"\\ud800", "\\udc00", "x\\ud800y", "\\udc00\\ud800"}) {
      String json = "{\"" + bad + "\":\"" + half + "\",\"" + good + "\":\"the\"}";
      assertRejected(
          WORDS,
          SourceRecords.of(json),
          "not-json",
          bad + ": expected valid Unicode, found an unpaired surrogate");
    }
  }

  static Stream<Arguments> recordKeys() {
    byte[] long8k = "k".repeat((8 << 10) + 1).getBytes(UTF_8);
    return Stream.of(
        arguments(
            new byte[] {'a', (byte) 0xff}, "wrong-type", "key: expected the record's key in UTF-8"),
        arguments(
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            "wrong-type",
            "key: expected the record's key in UTF-8"),
        arguments(long8k, "too-large", "key: expected at most 8192 characters, found 8193"));
  }

  @ParameterizedTest
  @MethodSource("recordKeys")
  void aRecordKeyThatIsNotUtf8(byte[] key, String reason, String detail) {
    SourceRecord record = SourceRecords.of(key, "{\"token\":\"the\"}".getBytes(UTF_8));
    assertRejected(WORDS, record, reason, detail);
  }

  @Test
  void aKeyThatIsTooLong() {
    assertRejected(
        WORDS,
        SourceRecords.of("{\"key\":\"" + "k".repeat(8193) + "\",\"token\":\"the\"}"),
        "too-large",
        "key: expected at most 8192 characters, found 8193");
  }

  @ParameterizedTest
  @ValueSource(ints = {65_537, 1_000_000})
  void aTokenThatIsTooLong(int length) {
    assertRejected(
        WORDS,
        SourceRecords.of("{\"key\":\"a\",\"token\":\"" + "w".repeat(length) + "\"}"),
        "too-large",
        "token: expected at most 65536 characters, found " + length);
  }

  /** The last one counts, but none may have a wrong type. */
  @Test
  void aDuplicateOfAWrongType() {
    assertRejected(
        WORDS,
        SourceRecords.of("{\"key\":\"a\",\"token\":5.5,\"token\":\"the\"}"),
        "wrong-type",
        "token: expected a string or an integer, found a number");
  }
}
