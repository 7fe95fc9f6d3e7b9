package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The event time that a source reads is the event time of the token. */
class TokenTimeTest {
  private static final long NONE = -77;
  private static final TokenFields FIELDS = TokenFields.TOP_LEVEL;

  private static SourceRecord record(String json, Long kafka) {
    byte[] value = json == null ? null : json.getBytes(UTF_8);
    return new SourceRecord(null, value, value == null ? 0 : value.length, kafka, null);
  }

  private static TokenDecoder decoder(TokenFields fields) {
    return new TokenDecoder(fields, Reads.FEATURES, TokenDecoder.DEFAULT_MAX_BYTES);
  }

  private static long read(TokenFields fields, String json, Long kafka) {
    return decoder(fields).time(record(json, kafka), NONE);
  }

  @Test
  void isThatOfTheFieldOrElseOfTheRecord() {
    assertThat(read(FIELDS, "{\"key\":\"a\",\"timestamp\":5,\"token\":\"x\"}", 9L)).isEqualTo(5);
    assertThat(read(FIELDS, "{\"timestamp\":-5}", 9L)).isEqualTo(-5);
    assertThat(read(FIELDS, "{\"key\":\"a\"}", 9L)).isEqualTo(9);
    assertThat(read(FIELDS, "{\"key\":\"a\"}", null)).isEqualTo(NONE);
  }

  @Test
  void isReadAtItsPointer() {
    TokenFields nested = new TokenFields(Map.of("timestamp", "/event/at"), List.of());
    String json = "{\"timestamp\":1,\"event\":{\"x\":[{\"at\":2}],\"at\":3}}";
    assertThat(read(nested, json, null)).isEqualTo(3);
  }

  /** The decoder reports what is wrong. */
  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "5", "{", "{\"timestamp\":}", "null", "{\"timestamp\":\"x\"}"})
  void aRecordThatIsNotATokenHasNone(String json) {
    assertThat(read(FIELDS, json, null)).isEqualTo(NONE);
  }

  @Test
  void aTombstoneHasNone() {
    assertThat(read(FIELDS, null, 9L)).isEqualTo(NONE);
  }

  /** For records with features and with words, and with fields in any order. */
  @Test
  void isThatOfTheDecodedToken() throws Exception {
    Random random = new Random(3);
    TokenDecoder source = new TokenDecoder(FIELDS, null, TokenDecoder.DEFAULT_MAX_BYTES);
    TokenDecoder decoder = decoder(FIELDS);
    List<String> parts =
        List.of("\"features\":[1,2]", "\"seq\":1", "\"end\":true", "\"x\":{\"timestamp\":4}");
    for (int i = 0; i < 200; i++) {
      String json = "{\"key\":\"k\"," + parts.get(0);
      for (int at = 1; at < 4; at++) {
        json += random.nextBoolean() ? "," + parts.get(at) : "";
        json += at == 2 && random.nextBoolean() ? ",\"timestamp\":" + random.nextInt() : "";
      }
      SourceRecord record = record(json + "}", random.nextBoolean() ? 8L : null);
      Token token = decoder.decode(record);
      Long time = token.timestamp();
      assertThat(source.time(record, NONE)).isEqualTo(time == null ? NONE : time);
      assertThat(decoder.decode(record)).usingRecursiveComparison().isEqualTo(token);
    }
    assertThat(catchThrowable(() -> source.time(record("{\"timestamp\":1e99}", null), NONE)))
        .isNull();
  }

  /** The second read finds no value to parse, because the bytes were overwritten. */
  @Test
  void theValueIsParsedOnce() throws Exception {
    byte[] value = "{\"key\":\"k\",\"features\":[1,2],\"timestamp\":7}".getBytes(UTF_8);
    SourceRecord record = new SourceRecord(null, value, value.length, null, null);
    assertThat(decoder(FIELDS).time(record, NONE)).isEqualTo(7);
    Arrays.fill(value, (byte) ' ');
    Token token = decoder(FIELDS).decode(record);
    assertThat(token.features()).containsExactly(1, 2);
    assertThat(token.timestamp()).isEqualTo(7);
    assertThat(record.takeParsed()).as("left behind").isNull();
  }

  /** With other fields, the record is another token. */
  @Test
  void aRecordParsedForOtherFieldsIsParsedAgain() throws Exception {
    TokenFields other = new TokenFields(Map.of("timestamp", "/at"), List.of());
    SourceRecord record = record("{\"key\":\"k\",\"features\":[1],\"timestamp\":7,\"at\":8}", null);
    assertThat(decoder(FIELDS).time(record, NONE)).isEqualTo(7);
    assertThat(decoder(other).decode(record).timestamp()).isEqualTo(8);
  }

  /** Whichever field the model reads, the other one is not checked. */
  @ParameterizedTest
  @CsvSource({
    "WORD, '{\"key\":\"k\",\"token\":\"a\",\"features\":[1,\"x\"]}'",
    "WORD, '{\"key\":\"k\",\"token\":5,\"features\":{\"token\":1}}'",
    "FEATURES, '{\"key\":\"k\",\"token\":[[1],{\"token\":\"b\"}],\"features\":[1]}'",
    "FEATURES, '{\"key\":\"k\",\"token\":true,\"features\":[1]}'"
  })
  void theOtherFieldMayBeAnything(Reads reads, String json) throws Exception {
    TokenDecoder decoder = new TokenDecoder(FIELDS, reads, TokenDecoder.DEFAULT_MAX_BYTES);
    SourceRecord record = record(json, 1L);
    Token token = decoder.decode(record);
    assertThat(token.token() == null).isEqualTo(reads == Reads.FEATURES);
    assertThat(token.features() == null).isEqualTo(reads == Reads.WORD);
    assertThat(decoder.time(record, NONE)).isEqualTo(1);
    assertThat(decoder.decode(record)).usingRecursiveComparison().isEqualTo(token);
  }

  /** An array that contains another field is not read as the features. */
  @Test
  void aFieldMayStandInAListNamedFeatures() throws Exception {
    TokenFields inside = new TokenFields(Map.of("token", "/features/1"), List.of());
    TokenDecoder decoder = new TokenDecoder(inside, Reads.WORD, TokenDecoder.DEFAULT_MAX_BYTES);
    Token token = decoder.decode(record("{\"key\":\"k\",\"features\":[1,\"b\",2]}", null));
    assertThat(token.token()).isEqualTo("b");
  }
}
