package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid records: all their fields reach the token. */
class TokenDecoderTest {
  private static final Reads WORDS = Reads.WORD;

  private static Token decode(Reads input, TokenFields fields, SourceRecord record)
      throws Rejection {
    return new TokenDecoder(fields, input, TokenDecoder.DEFAULT_MAX_BYTES).decode(record);
  }

  private static Token decode(String json) throws Rejection {
    return decode(WORDS, TokenFields.TOP_LEVEL, SourceRecords.of(json));
  }

  private static Token decode(Map<String, String> pointers, String json) throws Rejection {
    return decode(WORDS, new TokenFields(pointers, List.of()), SourceRecords.of(json));
  }

  /** A token "the" of a record of this length. Its bytes are not kept. */
  private static Token token(
      String key, Long seq, Long time, boolean start, boolean end, long length) {
    return new Token(
        key,
        "the",
        null,
        null,
        seq,
        time,
        start,
        end,
        false,
        null,
        new SourceRecord(null, null, length, null, SourceRecords.ORIGIN));
  }

  @Test
  void keepsEveryField() throws Rejection {
    Token token =
        decode(
            "{\"key\":\"a\",\"token\":\"the\",\"seq\":-7,\"timestamp\":1700000000000,"
                + "\"start\":true,\"end\":true}");
    assertThat(token)
        .isEqualTo(token("a", -7L, 1_700_000_000_000L, true, true, token.source().length()));
    assertThat(token.source().origin()).isEqualTo(SourceRecords.ORIGIN);
  }

  @Test
  void omitsAbsentOrNullFields() throws Rejection {
    for (String json :
        List.of(
            "{\"key\":\"a\",\"token\":\"the\"}",
            "{\"key\":\"a\",\"token\":\"the\",\"features\":null,\"seq\":null,"
                + "\"timestamp\":null,\"start\":null,\"end\":null}",
            "{\"key\":\"a\",\"token\":\"the\",\"start\":false,\"end\":false}")) {
      assertThat(decode(json)).isEqualTo(token("a", null, null, false, false, json.length()));
    }
  }

  @Test
  void readsFeaturesAsFloat32() throws Rejection {
    Token token =
        decode(
            Reads.FEATURES,
            TokenFields.TOP_LEVEL,
            SourceRecords.of(
                "{\"key\":\"a\",\"features\":[1, -0.0, 0.1, 3.4028235e38, 1e-46, 16777217,"
                    + " 1180591620717411303424]}"));
    assertThat(token.token()).isNull();
    assertThat(token.features())
        .containsExactly(1f, -0.0f, 0.1f, Float.MAX_VALUE, 0f, 16_777_216f, 0x1p70f);
  }

  @Test
  void aFeaturesModelKeepsATokenOnlyIfItIsAString() throws Rejection {
    Reads features = Reads.FEATURES;
    String json = "{\"key\":\"a\",\"features\":[1],\"token\":%s}";
    for (String other : new String[] {"5", "null", "[\"x\"]", "{\"a\":{}}"}) {
      SourceRecord record = SourceRecords.of(json.formatted(other));
      assertThat(decode(features, TokenFields.TOP_LEVEL, record).token()).isNull();
    }
    SourceRecord named = SourceRecords.of(json.formatted("\"walk\""));
    assertThat(decode(features, TokenFields.TOP_LEVEL, named).token()).isEqualTo("walk");
  }

  @Test
  void aWordModelIgnoresFeatures() throws Rejection {
    Token token = decode("{\"key\":\"a\",\"token\":\"the\",\"features\":{\"x\":[\"1\"]}}");
    assertThat(token.features()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "7, 7", "-12, -12", "123456789012345678901234567890, "})
  void anIntegerKeyBecomesItsText(String json, String text) throws Rejection {
    assertThat(decode("{\"key\":" + json + ",\"token\":\"the\"}").key())
        .isEqualTo(text == null ? json : text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"the", "Größe", "😀", ""})
  void takesAnyWordOfTheVocabulary(String word) throws Rejection {
    assertThat(decode("{\"key\":\"a\",\"token\":\"" + word + "\"}").token()).isEqualTo(word);
  }

  @Test
  void readsEscapes() throws Rejection {
    Token token = decode("{\"k\\u0065y\":\"\\u0061\\n\\u0000\",\"token\":\"\\ud83d\\ude00\"}");
    assertThat(token.key()).isEqualTo("a\n\0");
    assertThat(token.token()).isEqualTo("😀");
  }

  @Test
  void keepsAnUnknownWordForAModelThatTakesThem() throws Rejection {
    Reads open = Reads.WORD;
    SourceRecord record = SourceRecords.of("{\"key\":\"a\",\"token\":\"zebra\"}");
    assertThat(decode(open, TokenFields.TOP_LEVEL, record).token()).isEqualTo("zebra");
  }

  @Test
  void takesTheKeyAndTheTimeOfTheKafkaRecordWhenTheValueHasNone() throws Rejection {
    byte[] value = "{\"token\":\"the\"}".getBytes(UTF_8);
    SourceRecord record =
        new SourceRecord("Größe".getBytes(UTF_8), value, value.length, 5L, SourceRecords.ORIGIN);
    Token token = decode(WORDS, TokenFields.TOP_LEVEL, record);
    assertThat(token.key()).isEqualTo("Größe");
    assertThat(token.timestamp()).isEqualTo(5L);
  }

  @Test
  void prefersTheKeyAndTheTimeOfTheValue() throws Rejection {
    byte[] value = "{\"key\":\"a\",\"timestamp\":9,\"token\":\"the\"}".getBytes(UTF_8);
    byte[] notUtf8 = {(byte) 0xff};
    SourceRecord record = new SourceRecord(notUtf8, value, value.length, 5L, null);
    Token token = decode(WORDS, TokenFields.TOP_LEVEL, record);
    assertThat(token.key()).isEqualTo("a");
    assertThat(token.timestamp()).isEqualTo(9L);
    assertThat(token.source()).isEqualTo(new SourceRecord(null, null, value.length, 5L, null));
  }

  @Test
  void theLastOfDuplicateFieldsCounts() throws Rejection {
    Token token =
        decode(
            "{\"key\":\"a\",\"token\":\"zebra\",\"seq\":1,\"start\":true,"
                + "\"key\":\"b\",\"token\":\"the\",\"seq\":2,\"start\":false}");
    assertThat(token).isEqualTo(token("b", 2L, null, false, false, token.source().length()));
    byte[] nulled = "{\"key\":\"a\",\"key\":null,\"token\":\"the\"}".getBytes(UTF_8);
    assertThat(
            decode(WORDS, TokenFields.TOP_LEVEL, SourceRecords.of("k".getBytes(UTF_8), nulled))
                .key())
        .isEqualTo("k");
  }

  @Test
  void findsFieldsAtTheirPointers() throws Rejection {
    Map<String, String> pointers =
        Map.of("key", "/user/id", "token", "/events/1/type", "seq", "/user/at/n");
    Token token =
        decode(
            pointers,
            "{\"key\":[],\"token\":5,\"user\":{\"x\":{\"id\":0},\"id\":12,\"at\":{\"n\":3}},"
                + "\"events\":[{\"type\":\"zebra\"},{\"type\":\"the\"},{\"type\":\"zebra\"}]}");
    assertThat(token.key()).isEqualTo("12");
    assertThat(token.token()).isEqualTo("the");
    assertThat(token.seq()).isEqualTo(3L);
  }

  @Test
  void unescapesPointers() throws Rejection {
    Map<String, String> pointers = Map.of("key", "/a~1b/c~0d", "token", "/~01");
    assertThat(decode(pointers, "{\"a/b\":{\"c~d\":\"k\"},\"~1\":\"the\"}").key()).isEqualTo("k");
  }

  @Test
  void readsTwoFieldsFromOnePlace() throws Rejection {
    Map<String, String> pointers = Map.of("key", "/id", "seq", "/id", "timestamp", "/id");
    Token token = decode(pointers, "{\"id\":17,\"token\":\"the\"}");
    assertThat(token.key()).isEqualTo("17");
    assertThat(token.seq()).isEqualTo(17L);
    assertThat(token.timestamp()).isEqualTo(17L);
  }

  @Test
  void readsAFieldInsideAnother() throws Rejection {
    TokenFields fields = new TokenFields(Map.of("key", "/features/0"), List.of());
    SourceRecord list = SourceRecords.of("{\"key\":\"a\",\"features\":{\"0\":\"k\"}}");
    assertThatThrownBy(() -> decode(Reads.FEATURES, fields, list))
        .isInstanceOf(Rejection.class)
        .hasMessage("features: expected an array of numbers, found an object");
    SourceRecord ignored = SourceRecords.of("{\"token\":\"the\",\"features\":[\"k\"]}");
    assertThat(decode(WORDS, fields, ignored).key()).isEqualTo("k");
  }

  @Test
  void missesAFieldOnAPathThatEndsEarly() {
    Map<String, String> pointers = Map.of("key", "/user/id");
    for (String user : new String[] {"5", "\"id\"", "null", "[]", "{}", "{\"id\":null}"}) {
      assertThatThrownBy(() -> decode(pointers, "{\"user\":" + user + ",\"token\":\"the\"}"))
          .isInstanceOf(Rejection.class)
          .hasMessage("key at /user/id: missing: expected it in the value or as the record's key");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "user/id", "~1", "#/a"})
  void rejectsAnInvalidPointer(String pointer) {
    assertThatThrownBy(() -> TokenFields.names(pointer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a JSON pointer like /user/id, found " + pointer);
  }
}
