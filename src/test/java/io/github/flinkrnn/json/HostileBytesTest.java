package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not a record, or that are a record that no job should accept. */
class HostileBytesTest {
  private static final Reads WORDS = Reads.WORD;
  private static final String GOOD = "{\"key\":\"a\",\"token\":\"the\"}";

  private final TokenDecoder decoder =
      new TokenDecoder(TokenFields.TOP_LEVEL, WORDS, TokenDecoder.DEFAULT_MAX_BYTES);

  private Rejection rejection(SourceRecord record) {
    Rejection rejection = catchThrowableOfType(Rejection.class, () -> decoder.decode(record));
    assertThat(rejection).isNotNull();
    assertThat(rejection.getMessage())
        .isNotBlank()
        .matches(line -> line.chars().noneMatch(Shown::isControl));
    return rejection;
  }

  private void assertRejected(SourceRecord record, Reason reason, String detail) {
    Rejection rejection = rejection(record);
    assertThat(rejection.reason()).isEqualTo(reason);
    assertThat(rejection).hasMessage(detail);
  }

  @Test
  void aTombstone() {
    assertRejected(
        SourceRecords.of((byte[]) null),
        Reason.EMPTY,
        "expected a JSON object, found a tombstone (null value)");
  }

  @Test
  void anEmptyValue() {
    assertRejected(
        SourceRecords.of(""), Reason.EMPTY, "expected a JSON object, found an empty value");
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n", " \t\r\n "})
  void onlyWhiteSpace(String blank) {
    assertRejected(
        SourceRecords.of(blank), Reason.EMPTY, "expected a JSON object, found only white space");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1,2]       | an array
          []          | an array
          "the"       | a string
          42          | a number
          -1.5e3      | a number
          true        | a boolean
          null        | null
          """)
  void jsonThatIsNotAnObject(String json, String found) {
    assertRejected(
        SourceRecords.of(json), Reason.WRONG_TYPE, "expected a JSON object, found " + found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "{",
        "}",
        "[1,",
        "{\"key\":\"a\",\"token\":\"the\"",
        "{\"key\":\"a\",\"token\":\"the",
        "{'key':'a','token':'the'}",
        "{key:\"a\"}",
        "{\"key\":\"a\",\"token\":\"the\",}",
        "{\"key\":\"a\" \"token\":\"the\"}",
        "{\"key\":\"a\",\"token\":\"t\nhe\"}",
        "{\"key\":\"a\",\"token\":\"\\x\"}",
        "{\"key\":\"a\",\"token\":\"\\u12\"}",
        "{\"key\":007,\"token\":\"the\"}",
        "{\"key\":+7,\"token\":\"the\"}",
        "{\"key\":\"a\",\"token\":\"the\",\"x\":.5}",
        "{\"key\":\"a\",\"token\":\"the\",\"x\":nope}",
        "{\"key\":\"a\",\"token\":\"the\"} // yes",
        "{\"key\":\"a\",\"token\":\"the\"}]",
        "{\"key\":\"a\",\"token\":\"the\"} the",
        "[1] [2",
      })
  void whatIsNotJson(String text) {
    assertThat(rejection(SourceRecords.of(text)).reason()).isEqualTo(Reason.NOT_JSON);
  }

  @ParameterizedTest
  @ValueSource(strings = {GOOD + GOOD, GOOD + "\n" + GOOD, GOOD + " 1", "1 2", "[] []"})
  void twoJsonValues(String text) {
    assertRejected(
        SourceRecords.of(text), Reason.NOT_JSON, "expected one JSON value, found another after it");
  }

  /** Invalid UTF-8, in fields that the decoder skips and in fields that it reads. */
  @ParameterizedTest
  @CsvSource({
    "stray continuation, 80",
    "cut character, e2 82",
    "no such byte, ff",
    "overlong slash, c0 af",
    "overlong in three, e0 80 af",
    "surrogate half, ed a0 80",
    "surrogate pair (CESU-8), ed a0 bd ed b8 80",
    "beyond Unicode, f4 90 80 80",
  })
  void bytesThatAreNotUtf8(String what, String hex) {
    String bytes = new String(bytes(hex), ISO_8859_1);
    for (String json :
        new String[] {
          "{\"key\":\"a" + bytes + "\",\"token\":\"the\"}",
          "{\"key\":\"a\",\"token\":\"the" + bytes + "\"}",
          "{\"key\":\"a\",\"token\":\"the\",\"other\":\"" + bytes + "\"}",
          "{\"key\":\"a\",\"token\":\"the\",\"" + bytes + "\":1}",
          bytes + GOOD,
          GOOD + bytes,
        }) {
      assertRejected(
          SourceRecords.of(json.getBytes(ISO_8859_1)),
          Reason.NOT_JSON,
          "expected JSON in UTF-8, found other bytes");
    }
  }

  private static byte[] bytes(String hex) {
    return HexFormat.ofDelimiter(" ").parseHex(hex);
  }

  static Stream<Charset> otherEncodings() {
    return Stream.of(
        UTF_16BE,
        UTF_16LE,
        Charset.forName("UTF-16"),
        Charset.forName("UTF-32BE"),
        Charset.forName("UTF-32LE"));
  }

  /**
   * A lenient parser would guess the encoding and read these. But a dead letter contains UTF-8 or
   * base64.
   */
  @ParameterizedTest
  @MethodSource("otherEncodings")
  void otherEncodings(Charset encoding) {
    assertRejected(
        SourceRecords.of(GOOD.getBytes(encoding)),
        Reason.NOT_JSON,
        "expected JSON in UTF-8, found other bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":"})
  void nestingWithoutEnd(String open) {
    String deep = open.repeat(100_000);
    for (String json : new String[] {deep, "{\"key\":\"a\",\"token\":\"the\",\"x\":" + deep}) {
      assertThat(rejection(SourceRecords.of(json)).reason()).isEqualTo(Reason.TOO_DEEP);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"token", "key", "seq", "features", "other"})
  void nestingInAnyField(String field) {
    String json = "{\"" + field + "\":" + "[".repeat(200) + "]".repeat(200) + "}";
    // A field that must be a string is rejected at the first bracket, whatever is inside.
    Reason reason =
        field.equals("other") || field.equals("features") ? Reason.TOO_DEEP : Reason.WRONG_TYPE;
    assertThat(rejection(SourceRecords.of(json)).reason()).isEqualTo(reason);
  }

  @Test
  void tenMegabytesOfToken() {
    byte[] value = ("{\"key\":\"a\",\"token\":\"" + "w".repeat(10_000_000) + "\"}").getBytes(UTF_8);
    String detail = "expected at most 1048576 bytes, found " + value.length;
    assertRejected(SourceRecords.of(value), Reason.TOO_LARGE, detail);
  }

  /** A source may keep only the beginning of a long record, but the full length counts. */
  @Test
  void theBeginningOfALongRecord() {
    SourceRecord record = new SourceRecord(null, GOOD.getBytes(UTF_8), 1048577, null, null);
    assertRejected(record, Reason.TOO_LARGE, "expected at most 1048576 bytes, found 1048577");
  }

  @Test
  void acceptsARecordOfExactlyTheMaximumLength() throws Rejection {
    TokenDecoder exact = new TokenDecoder(TokenFields.TOP_LEVEL, WORDS, GOOD.length());
    assertThat(exact.decode(SourceRecords.of(GOOD)).token()).isEqualTo("the");
    Rejection rejection =
        catchThrowableOfType(Rejection.class, () -> exact.decode(SourceRecords.of(GOOD + " ")));
    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
  }

  /** Converting digits takes quadratic time, so a parser must not try. */
  @ParameterizedTest
  @ValueSource(strings = {"key", "token", "seq", "timestamp", "other"})
  void numbersOfTwoThousandDigits(String field) {
    String json = "{\"" + field + "\":" + "9".repeat(2000) + ",\"x\":1}";
    assertThat(rejection(SourceRecords.of(json)).reason()).isEqualTo(Reason.TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "-%s", "0.%s", "1e%s"})
  void featuresOfTwoThousandDigits(String form) {
    TokenDecoder features = new TokenDecoder(TokenFields.TOP_LEVEL, Reads.FEATURES, 1 << 20);
    String json = "{\"key\":\"a\",\"features\":[" + form.formatted("9".repeat(2000)) + "]}";
    Rejection rejection =
        catchThrowableOfType(Rejection.class, () -> features.decode(SourceRecords.of(json)));
    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
  }

  /**
   * A message of the parser may quote half of a surrogate pair, or a line break that is not an
   * ASCII control character. The dead letter must be writable, and its detail must be one line.
   */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0x1D800, 0x1DC00, 0x1F600, 0x10FFFF, 0x85, 0x200F, 0x202E, 0x2028, 0x2029, 0xFFFF, 0x7f, 1
      })
  void anyCharacterWhereNoneBelongs(int codePoint) {
    String character = Character.toString(codePoint);
    for (String text :
        new String[] {
          character,
          character.repeat(200),
          GOOD + character,
          "{" + character,
          "{\"key\":" + character + "}",
          "{\"key\":tru" + character + "}",
          "{\"key\":x" + character.repeat(300) + "}",
          "{\"key\":1" + character + "}",
          "{\"key\":\"\\" + character + "\"}",
        }) {
      SourceRecord record = SourceRecords.of(text);
      Rejection rejection = rejection(record);
      assertThat(rejection.reason()).isEqualTo(Reason.NOT_JSON);
      RejectedRecord rejected =
          new RejectedRecord(
              rejection.reason(),
              rejection.getMessage(),
              new SourceRecord(null, record.value(), record.length(), null, record.origin()));
      byte[] letter = new RejectedRecordEncoder().serialize(rejected);
      assertThat(StrictJson.parse(letter).get("detail").stringValue())
          .isEqualTo(rejection.getMessage());
      assertThat(StrictJson.parse(letter).get("record").stringValue()).isEqualTo(text);
    }
  }
}
