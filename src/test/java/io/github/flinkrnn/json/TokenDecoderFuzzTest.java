package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.rig.fuzz.Mutator;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whatever the bytes are, the result is a token or a dead letter, and both can be written and read
 * again.
 */
class TokenDecoderFuzzTest {
  private static final int RECORDS = 50_000;
  private static final List<byte[]> SEEDS =
      Stream.of(
              "{\"key\":\"a\",\"token\":\"the\",\"seq\":12,\"timestamp\":1700000000000}",
              "{\"key\":17,\"token\":\"president\",\"start\":true,\"end\":false}",
              "{\"key\":\"Größe 😀\",\"token\":\"\\u0074he\",\"x\":{\"y\":[1.10,\"\\ud83d\\ude00\"]}}",
              "{\"key\":\"b\",\"features\":[0.5,-1.25e3,7],\"x\":null}",
              "{\"key\":\"c\",\"features\":[1,2,3],\"x\":NaN,\"token\":\"walk\"}",
              "{\"x\":{\"key\":1,\"id\":\"k\"},\"features\":[1e38,0,-0.0],\"token\":\"the\"}",
              "[{\"key\":\"a\"},{}]")
          .map(seed -> seed.getBytes(UTF_8))
          .toList();
  private static final List<byte[]> PIECES =
      Stream.concat(Mutator.JSON_PIECES.stream(), SEEDS.stream()).toList();

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of("words", Reads.WORD, 20_261),
        Arguments.of("features", Reads.FEATURES, 20_262));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void acceptsOrRejectsEveryRecord(String name, Reads input, long seed) throws Exception {
    TokenFields fields = new TokenFields(Map.of(), List.of("/x", "/x/y/1"));
    TokenDecoder decoder = new TokenDecoder(fields, input, TokenDecoder.DEFAULT_MAX_BYTES);
    PredictionEncoder predictions = new PredictionEncoder(List.of("x", "y"));
    RejectedRecordEncoder deadLetters = new RejectedRecordEncoder();
    Random random = new Random(seed);
    int accepted = 0;
    int rejected = 0;
    for (int i = 0; i < RECORDS; i++) {
      SourceRecord record = SourceRecords.of(key(random), value(random));
      try {
        Token token = decoder.decode(record);
        accepted++;
        checkPrediction(token, predictions);
        checkTokenReadsBack(token, decoder);
      } catch (Rejection rejection) {
        rejected++;
        checkDeadLetter(record, rejection, deadLetters);
      }
    }
    assertThat(accepted + rejected).isEqualTo(RECORDS);
    // Otherwise the mutations change too much or too little to test anything.
    assertThat(accepted).isGreaterThan(RECORDS / 20);
    assertThat(rejected).isGreaterThan(RECORDS / 4);
  }

  private static void checkPrediction(Token token, PredictionEncoder encoder) {
    Prediction prediction =
        new Prediction(
            token.key(),
            1,
            token.token(),
            null,
            token.features(),
            null,
            null,
            token.seq(),
            token.timestamp(),
            null,
            token.carried());
    String json = StrictJson.text(encoder.serialize(prediction));
    JsonNode read = lenientOnDuplicates(json);
    assertThat(read.get("key").stringValue()).isEqualTo(token.key());
    assertThat(read.has("token")).isEqualTo(token.token() != null);
    assertThat(read.has("x")).isEqualTo(token.carried()[0] != null);
    assertThat(json).doesNotContain("\n");
  }

  /** A carried object may repeat a field, as its record did. */
  private static JsonNode lenientOnDuplicates(String json) {
    return JsonMapper.shared().readTree(json);
  }

  private static void checkTokenReadsBack(Token token, TokenDecoder decoder) throws Rejection {
    Token again = decoder.decode(SourceRecords.of(TokenEncoder.encode(token)));
    assertThat(again.key()).isEqualTo(token.key());
    assertThat(again.token()).isEqualTo(token.token());
    assertThat(again.features()).isEqualTo(token.features());
    assertThat(again.seq()).isEqualTo(token.seq());
  }

  private static void checkDeadLetter(
      SourceRecord record, Rejection rejection, RejectedRecordEncoder encoder) {
    RejectedRecord rejected =
        new RejectedRecord(
            rejection.reason(),
            rejection.getMessage(),
            new SourceRecord(record.key(), record.value(), record.length(), null, record.origin()));
    JsonNode read = StrictJson.parse(encoder.serialize(rejected));
    assertThat(read.get("reason").stringValue()).isEqualTo(rejection.reason().text());
    assertThat(read.get("detail").stringValue()).matches("[^\\p{Cc}\\u2028\\u2029]+");
    String text = read.get("record").stringValue();
    byte[] value = read.has("encoding") ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
    assertThat(value).isEqualTo(record.value());
  }

  private static byte[] key(Random random) {
    if (random.nextInt(4) > 0) {
      return null;
    }
    byte[] key = new byte[random.nextInt(4)];
    random.nextBytes(key);
    return key;
  }

  private static byte[] value(Random random) {
    if (random.nextInt(20) == 0) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] value = SEEDS.get(random.nextInt(SEEDS.size()));
    return random.nextInt(4) == 0 ? value : Mutator.damage(value, random, PIECES);
  }
}
