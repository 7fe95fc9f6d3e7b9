package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The event time that a source reads is the one that the token will have. */
class TimestampReaderTest {
  private static final long NONE = -77;
  private static final TokenFields FIELDS = TokenFields.TOP_LEVEL;

  private static SourceRecord record(String json, Long kafka) {
    byte[] value = json == null ? null : json.getBytes(UTF_8);
    return new SourceRecord(null, value, value == null ? 0 : value.length, kafka, null);
  }

  private static long read(TokenFields fields, String json, Long kafka) {
    return new TimestampReader(fields).read(record(json, kafka), NONE);
  }

  @Test
  void isTheFieldsOrElseTheRecords() {
    assertThat(read(FIELDS, "{\"key\":\"a\",\"timestamp\":5,\"token\":\"x\"}", 9L)).isEqualTo(5);
    assertThat(read(FIELDS, "{\"timestamp\":-5}", 9L)).isEqualTo(-5);
    assertThat(read(FIELDS, "{\"key\":\"a\"}", 9L)).isEqualTo(9);
    assertThat(read(FIELDS, "{\"key\":\"a\"}", null)).isEqualTo(NONE);
  }

  @Test
  void standsWhereTheJobFileSays() {
    TokenFields nested = new TokenFields(Map.of("timestamp", "/event/at"), List.of());
    String json = "{\"timestamp\":1,\"event\":{\"x\":[{\"at\":2}],\"at\":3}}";
    assertThat(read(nested, json, null)).isEqualTo(3);
  }

  /** The decoder says what is wrong with it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "5", "{", "{\"timestamp\":}", "null", "{\"timestamp\":\"x\"}"})
  void aRecordThatIsNoTokenHasNone(String json) {
    assertThat(read(FIELDS, json, null)).isEqualTo(NONE);
  }

  @Test
  void aTombstoneHasNone() {
    assertThat(read(FIELDS, null, 9L)).isEqualTo(NONE);
  }

  /** Of whatever the decoder takes, for features and words and any order of fields. */
  @Test
  void isThatOfTheDecodedToken() throws Exception {
    Random random = new Random(3);
    TimestampReader reader = new TimestampReader(FIELDS);
    TokenDecoder decoder = new TokenDecoder(FIELDS, Reads.FEATURES, TokenDecoder.DEFAULT_MAX_BYTES);
    List<String> parts =
        List.of("\"features\":[1,2]", "\"seq\":1", "\"end\":true", "\"x\":{\"timestamp\":4}");
    for (int i = 0; i < 200; i++) {
      String json = "{\"key\":\"k\"," + parts.get(0);
      for (int at = 1; at < 4; at++) {
        json += random.nextBoolean() ? "," + parts.get(at) : "";
        json += at == 2 && random.nextBoolean() ? ",\"timestamp\":" + random.nextInt() : "";
      }
      SourceRecord record = record(json + "}", random.nextBoolean() ? 8L : null);
      Long expected = decoder.decode(record).timestamp();
      assertThat(reader.read(record, NONE)).isEqualTo(expected == null ? NONE : expected);
    }
    assertThat(catchThrowable(() -> reader.read(record("{\"timestamp\":1e99}", null), NONE)))
        .isNull();
  }
}
