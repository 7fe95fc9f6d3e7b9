package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Header;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Composite keys, formats of keys, headers, arrays of tokens, and tombstones. */
class RecordFormTest {
  private static final int MOST = TokenDecoder.DEFAULT_MAX_BYTES;

  private Reads reads = Reads.WORD;
  private List<TokenFields.Value> values = List.of();
  private Map<String, String> pointers = Map.of();
  private List<String> parts = List.of();
  private List<String> carried = List.of();
  private List<String> passed = List.of();
  private String each;
  private KeyFormat format = KeyFormat.STRING;
  private Header[] headers;
  private boolean keepsBytes;

  private TokenDecoder decoder() {
    RecordForm form = new RecordForm(parts, each, format, true, passed);
    TokenFields fields = new TokenFields(pointers, carried, TokenTimes.MILLIS, false, values, form);
    return new TokenDecoder(fields, reads, MOST, keepsBytes);
  }

  private SourceRecord record(byte[] key, String json) {
    byte[] value = json == null ? null : json.getBytes(UTF_8);
    int length = value == null ? 0 : value.length;
    return new SourceRecord(
        key, value, length, 5L, SourceRecords.ORIGIN, headers, SourceRecord.NO_ELEMENT, false);
  }

  private Token decode(byte[] key, String json) throws Rejection {
    return decoder().decode(record(key, json));
  }

  private String rejected(byte[] key, String json) {
    Rejection found = catchThrowableOfType(Rejection.class, () -> decode(key, json));
    return found.reason().text() + ": " + found.getMessage();
  }

  /** The key and word of each token, and the reason and index of each rejected element. */
  private List<String> elements(String json) throws Rejection {
    return elements(null, json);
  }

  private List<String> elements(byte[] key, String json) throws Rejection {
    List<String> all = new ArrayList<>();
    decoder()
        .decodeEach(
            record(key, json),
            new TokenDecoder.Elements() {
              @Override
              public void token(Token token) {
                String time = token.timestamp() == 5 ? "" : " " + token.timestamp();
                all.add(token.key() + " " + token.token() + time);
              }

              @Override
              public void rejected(Rejection why, SourceRecord element) {
                assertThat(json).startsWith(new String(element.value(), UTF_8));
                all.add(element.element() + " " + why.reason().text());
              }
            });
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"user":"u1","device":"d2","token":"a"}        | ["u1","d2"]
          {"user":1,"device":"x","token":"a"}            | [1,"x"]
          {"user":"a\\"\\\\\\u0001\\n","device":-0,"token":"a"} | ["a\\"\\\\\\u0001\\n",-0]
          {"device":"é","user":"1","token":"a"}          | ["1","é"]
          """)
  void aCompositeKeyIsTheCompactArrayOfItsParts(String json, String key) throws Exception {
    parts = List.of("/user", "/device");
    assertThat(decode(null, json).key()).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"user":"u1","token":"a"}               | missing-field: key[1] at /device: missing: expected a string or an integer
          {"user":"u1","device":null,"token":"a"} | missing-field: key[1] at /device: missing: expected a string or an integer
          {"user":"","device":"d","token":"a"}    | missing-field: key[0] at /user: expected at least one character, found none
          {"user":1.5,"device":"d","token":"a"}   | wrong-type: key[0] at /user: expected a string or an integer, found a number
          {"user":true,"device":"d","token":"a"}  | wrong-type: key[0] at /user: expected a string or an integer, found a boolean
          """)
  void aCompositeKeyNeedsAllOfItsParts(String json, String problem) {
    parts = List.of("/user", "/device");
    assertThat(rejected("k".getBytes(UTF_8), json)).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "LONG, 000000000000002a, 42",
    "LONG, ffffffffffffffff, -1",
    "INT, 7fffffff, 2147483647",
    "UUID, 00112233445566778899aabbccddeeff, 00112233-4455-6677-8899-aabbccddeeff",
    "BYTES, ff00, /wA=",
    "STRING, 6b30, k0",
  })
  void theKeyOfARecordHasAFormat(KeyFormat of, String hex, String key) throws Exception {
    format = of;
    byte[] bytes = HexFormat.of().parseHex(hex);
    Token token = decode(bytes, "{\"token\":\"a\"}");
    assertThat(token.key()).isEqualTo(key);
    assertThat(token.source().isKeyed()).isEqualTo(of != KeyFormat.STRING);
    assertThat(of.bytes(key)).isEqualTo(bytes);
    Token tombstone = decode(bytes, null);
    assertThat(tombstone.key()).isEqualTo(key);
    assertThat(tombstone.tombstone()).isTrue();
  }

  /** After another format in the job file, the state has keys of the old one. */
  @ParameterizedTest
  @CsvSource({
    "LONG, /wA=, 2f77413d",
    "LONG, +555, 2b353535",
    "LONG, 42, 000000000000002a",
    "INT, 2147483648, 32313437343833363438",
    "INT, -1, ffffffff",
    "UUID, 42, 3432",
    "UUID, 1-1-1-1-1, 312d312d312d312d31",
    "BYTES, 42, 3432",
    "BYTES, -1234567, 2d31323334353637",
    "BYTES, /wB=, 2f77423d",
    "STRING, /wA=, 2f77413d",
  })
  void aKeyOfAnotherFormatIsInUtf8(KeyFormat of, String key, String hex) {
    assertThat(HexFormat.of().formatHex(of.bytes(key))).isEqualTo(hex);
  }

  @Test
  void aKeyInTheValueHasNoFormat() throws Exception {
    format = KeyFormat.LONG;
    Token token = decode(new byte[3], "{\"key\":7,\"token\":\"a\"}");
    assertThat(token.key()).isEqualTo("7");
    assertThat(token.source().isKeyed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"LONG, 8", "INT, 4", "UUID, 16"})
  void aKeyOfAnotherLengthIsRejected(KeyFormat of, int length) {
    format = of;
    assertThat(rejected(new byte[3], "{\"token\":\"a\"}"))
        .isEqualTo(
            "wrong-length: key: expected %d bytes as the record's key, for source.key_format: %s, found 3"
                .formatted(length, of.name().toLowerCase(Locale.ROOT)));
  }

  @Test
  void aHeaderIsReadAsAnyField() throws Exception {
    pointers =
        Map.of(
            "token", "header:word", "seq", "header:n", "timestamp", "header:at", "end", "header:e");
    parts = List.of("/user", "header:device");
    carried = List.of("header:trace");
    headers =
        new Header[] {
          header("word", "first"),
          header("word", "12"),
          header("n", "7"),
          header("at", "1970-01-01T00:00:01Z"),
          header("e", "true"),
          header("device", "d\"1"),
          header("trace", "00-a"),
        };
    Token token = decode(null, "{\"user\":3,\"token\":\"not this\"}");
    assertThat(token.key()).isEqualTo("[3,\"d\\\"1\"]");
    assertThat(token.token()).isEqualTo("12");
    assertThat(token.seq()).isEqualTo(7);
    assertThat(token.timestamp()).isEqualTo(1000);
    assertThat(token.end()).isTrue();
    assertThat(token.carried()).containsExactly("\"00-a\"");
  }

  private static Header header(String name, String value) {
    return new Header(name, value.getBytes(UTF_8));
  }

  /** Where its user put it, and only if that is another place than the usual one. */
  @Test
  void aProblemNamesThePlaceOfTheField() throws Exception {
    pointers = Map.of("token", "/wort", "key", "header:user", "seq", "/seq", "timestamp", "^/time");
    assertThat(rejected(null, "{}"))
        .isEqualTo(
            "missing-field: key at header:user: missing: expected it in the header or as the"
                + " record's key");
    headers = new Header[] {header("user", "u")};
    assertThat(rejected(null, "{}"))
        .isEqualTo("missing-field: token at /wort: missing: expected a string or an integer");
    assertThat(rejected(null, "{\"seq\":\"x\"}"))
        .isEqualTo("wrong-type: seq: expected a 64-bit integer, found a string");
    each = "/events";
    String elements = "{\"events\":[{\"wort\":true},{\"wort\":\"a\"}],\"time\":";
    assertThat(problems(elements + "5}"))
        .containsExactly("token at /wort: expected a string or an integer, found a boolean");
    assertThat(problems(elements + "[]}"))
        .hasSize(2)
        .contains(
            "timestamp at ^/time: expected an integer in milliseconds or ISO 8601 with an offset,"
                + " found an array");
    parts = List.of("/wort", "^/device");
    assertThat(problems(elements + "5}"))
        .contains("key[1] at ^/device: missing: expected a string or an integer");
  }

  /** What is wrong with the rejected elements. */
  private List<String> problems(String json) throws Rejection {
    List<String> all = new ArrayList<>();
    decoder()
        .decodeEach(
            record(null, json),
            new TokenDecoder.Elements() {
              @Override
              public void token(Token token) {}

              @Override
              public void rejected(Rejection why, SourceRecord element) {
                all.add(why.getMessage());
              }
            });
    return all;
  }

  @Test
  void aHeaderOfAnotherTypeIsRejected() {
    pointers = Map.of("seq", "header:n");
    headers = new Header[] {header("n", "x")};
    assertThat(rejected(null, "{\"key\":\"k\",\"token\":\"a\"}"))
        .isEqualTo("wrong-type: seq at header:n: expected a 64-bit integer, found a string");
    headers = new Header[] {new Header("n", new byte[] {(byte) 0xff})};
    assertThat(rejected(null, "{\"key\":\"k\",\"token\":\"a\"}"))
        .isEqualTo("wrong-type: header:n: expected UTF-8, found other bytes");
  }

  @Test
  void headersArePassedOnWithTheirBytes() throws Exception {
    passed = List.of("a", "c");
    Header one = new Header("a", new byte[] {1, (byte) 0xff});
    Header two = new Header("a", null);
    headers = new Header[] {one, header("b", "x"), two};
    Token token = decode(null, "{\"key\":\"k\",\"token\":\"a\"}");
    assertThat(token.source().headers()).containsExactly(one, two);
    headers = new Header[] {new Header("a", new byte[1 << 16])};
    assertThat(rejected(null, "{\"key\":\"k\",\"token\":\"a\"}"))
        .isEqualTo("too-large: output.headers: expected at most 65536 bytes, found 65549");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachElementOfAnArrayIsAToken(boolean keeps) throws Exception {
    keepsBytes = keeps;
    each = "/in/events";
    pointers = Map.of("key", "^/user/id", "token", "/w", "timestamp", "/at");
    String json =
        "{\"in\":{\"events\":[{\"w\":\"a\",\"at\":9},{\"w\":[]},7,null,{\"x\":{\"w\":1}},"
            + "{\"w\":\"b\",\"user\":{\"id\":\"no\"}}]},\"user\":{\"id\":\"u\"}}";
    List<String> expected =
        List.of("u a 9", "1 wrong-type", "2 wrong-type", "3 wrong-type", "4 missing-field", "u b");
    assertThat(elements(json)).isEqualTo(expected);
    assertThat(decoder().time(record(null, json), 0)).isEqualTo(9);
    assertThat(elements("{\"user\":{\"id\":\"u\"},\"in\":{\"events\":[]}}")).isEmpty();
  }

  /** The source parses the record first, for its time, before it is known what is x<t>. */
  @Test
  void theTimeOfSeveralTokensIsTheLatest() throws Exception {
    each = "/events";
    SourceRecord record =
        record(
            "k".getBytes(UTF_8),
            "{\"events\":[{\"token\":\"a\",\"timestamp\":30},{\"token\":\"b\",\"timestamp\":70},"
                + "{\"token\":\"c\",\"timestamp\":\"x\"},{\"token\":\"d\",\"timestamp\":10}]}");
    assertThat(decoder().time(record, Long.MIN_VALUE)).isEqualTo(70);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"x":1}              | missing-field: /events: missing: expected an array of tokens
          {"events":null}      | missing-field: /events: missing: expected an array of tokens
          {"events":{"a":[]}}  | wrong-type: /events: expected an array of tokens, found an object
          {"events":[{},{}]x   | not-json
          """)
  void aRecordWithoutTheArrayIsRejectedAsAWhole(String json, String problem) {
    each = "/events";
    Rejection found = catchThrowableOfType(Rejection.class, () -> elements(json));
    assertThat(found.reason().text() + ": " + found.getMessage()).startsWith(problem);
  }

  @Test
  void aProblemThatAllElementsShareRejectsEachOfThem() throws Exception {
    each = "/events";
    pointers = Map.of("key", "^/user");
    String events = "\"events\":[{\"token\":\"a\"},{\"token\":\"b\"}]}";
    assertThat(elements("{\"user\":[1]," + events)).containsExactly("0 wrong-type", "1 wrong-type");
    assertThat(elements("{" + events)).containsExactly("0 missing-field", "1 missing-field");
  }

  /** The dead letters of one record are bounded, however many elements it has. */
  @Test
  void elementsShareTheBytesOfTheirRecord() throws Exception {
    each = "/events";
    keepsBytes = true;
    String json = "{\"events\":[" + "{\"key\":\"k\",\"token\":\"a\"},".repeat(5000) + "7]}";
    List<byte[]> values = new ArrayList<>();
    decoder()
        .decodeEach(
            record(null, json),
            new TokenDecoder.Elements() {
              @Override
              public void token(Token token) {
                values.add(token.source().value());
              }

              @Override
              public void rejected(Rejection why, SourceRecord element) {
                assertThat(element.element()).isEqualTo(5000);
                assertThat(element.length()).isEqualTo(json.length());
                values.add(element.value());
              }
            });
    assertThat(values).hasSize(5001).allSatisfy(value -> assertThat(value).isSameAs(values.get(0)));
    int most = (16 << 20) / 5001;
    assertThat(values.get(0)).isEqualTo(Arrays.copyOf(json.getBytes(UTF_8), most));
  }

  private String whyAll(byte[] key, String json) {
    Rejection found = catchThrowableOfType(Rejection.class, () -> elements(key, json));
    return found.reason().text() + ": " + found.getMessage();
  }

  private static String tooMuch(int elements, int bytes) {
    return "too-large: /events: expected at most 16777216 bytes of key, headers and fields with ^"
        + " in all tokens together, found %d tokens with %d bytes each".formatted(elements, bytes);
  }

  private static String events(int count, String... fields) {
    String events = "\"events\":[" + "7,".repeat(count - 1) + "7]";
    return "{" + String.join("", fields) + events + "}";
  }

  /** They are in each element: in the network, in a state and in dead letters. */
  @Test
  void theKeyAndTheHeadersInAllElementsHaveALimit() throws Exception {
    each = "/events";
    headers = new Header[] {new Header("abc", new byte[1029]), new Header("e", null)};
    assertThat(elements(new byte[987], events(8192))).hasSize(8192);
    assertThat(whyAll(new byte[988], events(8192))).isEqualTo(tooMuch(8192, 2049));
    headers = new Header[] {new Header("", new byte[500_000])};
    assertThat(whyAll(null, events(10_000))).isEqualTo(tooMuch(10_000, 500_010));
    assertThat(elements(null, events(33))).hasSize(33);
    headers = null;
    assertThat(whyAll(new byte[3000], events(10_000))).isEqualTo(tooMuch(10_000, 3000));
    assertThat(elements(null, events(10_000))).hasSize(10_000);
  }

  /**
   * A pointer that begins with ^ is a field of the record, and each of its tokens has its value.
   */
  @Test
  void theSharedFieldsOfAllElementsHaveALimit() throws Exception {
    each = "/events";
    pointers = Map.of("token", "^/w", "key", "^/k");
    carried = List.of("^/c", "^/w");
    String fields = "\"k\":\"%s\",\"w\":\"%s\",\"c\":\"%s\",";
    String most = fields.formatted("k".repeat(1000), "w".repeat(500), "c".repeat(44));
    assertThat(elements(events(8192, most))).hasSize(8192);
    assertThat(whyAll(null, events(8192, most.replace("cc\"", "ccc\""))))
        .isEqualTo(tooMuch(8192, 2049));
    carried = List.of();
    parts = List.of("^/k", "/no");
    assertThat(
            whyAll(null, events(10_000, fields.formatted("k".repeat(1200), "w".repeat(500), ""))))
        .isEqualTo(tooMuch(10_000, 1202 + 500));
  }

  @Test
  void theSharedNumbersOfAllElementsHaveALimit() throws Exception {
    each = "/events";
    pointers = Map.of("features", "^/x", "v", "^/x");
    String numbers = "\"x\":[" + "1,".repeat(511) + "1],";
    reads = Reads.FEATURES;
    assertThat(elements(events(8192, numbers))).hasSize(8192);
    assertThat(whyAll(null, events(8193, numbers))).isEqualTo(tooMuch(8193, 2048));
    reads = Reads.VALUES;
    values = List.of(new TokenFields.Value("v", false));
    assertThat(elements(events(4096, numbers))).hasSize(4096);
    assertThat(whyAll(null, events(4097, numbers))).isEqualTo(tooMuch(4097, 4096));
  }

  @Test
  void tooManyElementsAreRejectedAsAWhole() throws Exception {
    each = "/events";
    String json = "{\"events\":[" + "7,".repeat(9999) + "7";
    assertThat(elements(json + "]}")).hasSize(10_000);
    Rejection found = catchThrowableOfType(Rejection.class, () -> elements(json + ",7]}"));
    assertThat(found).hasMessage("/events: expected at most 10000 tokens");
  }

  @Test
  void aTombstoneHasTheKeyOfItsRecordOrOfAHeader() throws Exception {
    assertThat(decode("k".getBytes(UTF_8), null).tombstone()).isTrue();
    assertThat(rejected(null, null))
        .isEqualTo("missing-field: key: missing: expected it in the value or as the record's key");
    parts = List.of("header:a", "header:b");
    headers = new Header[] {header("a", "x"), header("b", "1")};
    assertThat(decode(null, null).key()).isEqualTo("[\"x\",\"1\"]");
    format = KeyFormat.LONG;
    parts = List.of();
    byte[] key = ByteBuffer.allocate(8).putLong(9).array();
    assertThat(decode(key, null).key()).isEqualTo("9");
  }
}
