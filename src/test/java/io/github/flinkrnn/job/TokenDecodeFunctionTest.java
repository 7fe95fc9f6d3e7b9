package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.ModelDirectory;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records become tokens, or dead letters with their bytes and their origin. */
class TokenDecodeFunctionTest {
  private static final Origin ORIGIN = new Origin("tokens", 2, 99);
  private static final byte[] KEY = utf8("kafka-key");

  @TempDir private Path directory;
  private ModelLocation words;

  @BeforeEach
  void writeModel() throws Exception {
    words = new ModelLocation(ModelDirectory.words(directory).toString());
  }

  @Test
  void decodesARecord() throws Exception {
    try (DecodeHarness harness = DecodeHarness.open(words)) {
      String json = "{\"key\":\"k\",\"token\":\"cat\",\"seq\":4,\"start\":true}";
      List<Token> tokens = harness.decode(record(utf8(json)));
      SourceRecord source = new SourceRecord(null, null, json.length(), 77L, ORIGIN);
      assertThat(tokens)
          .containsExactly(
              new Token("k", "cat", null, null, 4L, 77L, true, false, false, null, source));
      assertThat(harness.rejected()).isEmpty();
      assertThat(harness.metrics().count("reason.not-json.rejected")).isZero();
    }
  }

  @Test
  void aTokenKeepsTheBytesOfItsRecordIfAsked() throws Exception {
    TokenDecodeFunction keeping = new TokenDecodeFunction(words, TokenFields.TOP_LEVEL, 1000, true);
    try (DecodeHarness harness = DecodeHarness.open(keeping)) {
      SourceRecord record = record(utf8("{\"key\":\"k\",\"token\":\"cat\"}"));
      assertThat(harness.decode(record)).extracting(Token::source).containsExactly(record);
    }
  }

  @Test
  void takesTheKeyOfTheRecordAndTheFieldsAtTheirPointers() throws Exception {
    TokenFields fields = new TokenFields(Map.of("token", "/event/word"), List.of("/country"));
    try (DecodeHarness harness =
        DecodeHarness.open(new TokenDecodeFunction(words, fields, 1000, false))) {
      String json = "{\"event\":{\"word\":\"sat\"},\"country\":\"DE\"}";
      Token token = harness.decode(record(utf8(json))).get(0);
      assertThat(token.key()).isEqualTo("kafka-key");
      assertThat(token.token()).isEqualTo("sat");
      assertThat(token.carried()).containsExactly("\"DE\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\0',
      delimiter = '|',
      value = {
        "EMPTY | ",
        "NOT_JSON | {\"key\":\"k\",",
        "NOT_JSON | cat",
        "WRONG_TYPE | [1]",
        "WRONG_TYPE | {\"key\":\"k\",\"token\":7.5}",
        "MISSING_FIELD | {\"key\":\"k\"}"
      })
  void rejectsAnInvalidRecordWithItsBytes(Reason reason, String json) throws Exception {
    byte[] value = utf8(json == null ? "" : json);
    try (DecodeHarness harness = DecodeHarness.open(words)) {
      assertThat(harness.decode(record(value))).isEmpty();
      assertThat(harness.rejected()).hasSize(1);
      RejectedRecord rejected = harness.rejected().get(0);
      assertThat(rejected.reason()).isEqualTo(reason);
      assertThat(rejected.detail()).isNotEmpty().doesNotContain("\n");
      assertThat(rejected.record().key()).isEqualTo(KEY);
      assertThat(rejected.record().value()).isEqualTo(value);
      assertThat(rejected.record().length()).isEqualTo(value.length);
      assertThat(rejected.record().origin()).isEqualTo(ORIGIN);
      for (Reason each : Reason.values()) {
        assertThat(harness.metrics().count("reason." + each.text() + ".rejected"))
            .as(each.text())
            .isEqualTo(each == reason ? 1 : 0);
      }
      assertThat(harness.decode("{\"key\":\"k\",\"token\":\"cat\"}")).hasSize(1);
    }
  }

  @Test
  void rejectsATombstone() throws Exception {
    try (DecodeHarness harness = DecodeHarness.open(words)) {
      assertThat(harness.decode(new SourceRecord(KEY, null, 0, 77L, ORIGIN))).isEmpty();
      RejectedRecord rejected = harness.rejected().get(0);
      assertThat(rejected.reason()).isEqualTo(Reason.EMPTY);
      assertThat(rejected.detail())
          .isEqualTo("expected a JSON object, found a tombstone (null value)");
      assertThat(rejected.record().key()).isEqualTo(KEY);
      assertThat(rejected.record().value()).isNull();
      assertThat(rejected.record().length()).isZero();
      assertThat(rejected.record().origin()).isEqualTo(ORIGIN);
      assertThat(harness.metrics().count("reason.empty.rejected")).isEqualTo(1);
    }
  }

  @Test
  void rejectsALongRecordWithTheBeginningThatWasRead() throws Exception {
    TokenDecodeFunction decode = new TokenDecodeFunction(words, TokenFields.TOP_LEVEL, 100, false);
    try (DecodeHarness harness = DecodeHarness.open(decode)) {
      byte[] beginning = utf8("{\"key\":\"k\"");
      assertThat(harness.decode(new SourceRecord(KEY, beginning, 101, 77L, ORIGIN))).isEmpty();
      RejectedRecord rejected = harness.rejected().get(0);
      assertThat(rejected.reason()).isEqualTo(Reason.TOO_LARGE);
      assertThat(rejected.record().value()).isEqualTo(beginning);
      assertThat(rejected.record().length()).isEqualTo(101);
    }
  }

  private static SourceRecord record(byte[] value) {
    return new SourceRecord(KEY, value, value.length, 77L, ORIGIN);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
