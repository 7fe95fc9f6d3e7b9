package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Token;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A token written as a record that it could have been read from. */
class TokenEncoderTest {
  private static final Reads WORDS = Reads.WORD;

  private static Token readBack(Token token, Reads input) throws Rejection {
    return new TokenDecoder(TokenFields.TOP_LEVEL, input, 1 << 20)
        .decode(SourceRecords.of(TokenEncoder.encode(token)));
  }

  @Test
  void writesWhatIsThere() {
    Token token = new Token("a", "the", null, 7L, 5L, true, true, new String[] {"1"}, null);
    assertThat(new String(TokenEncoder.encode(token), UTF_8))
        .isEqualTo(
            "{\"key\":\"a\",\"token\":\"the\",\"seq\":7,\"timestamp\":5,"
                + "\"start\":true,\"end\":true}");
    assertThat(new String(TokenEncoder.encode(Token.of("a", 1f, 0.1f)), UTF_8))
        .isEqualTo("{\"key\":\"a\",\"features\":[1.0,0.1]}");
  }

  @Test
  void isReadBackToAnEqualToken() throws Rejection {
    Token word =
        new Token(
            "\"Größe\"\n😀",
            "Größe 😀",
            null,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            true,
            false,
            null,
            SourceRecords.ORIGIN);
    assertReadBack(word);
    assertReadBack(
        new Token("k", "the", null, null, null, false, true, null, SourceRecords.ORIGIN));
  }

  private static void assertReadBack(Token token) throws Rejection {
    assertThat(readBack(token, WORDS))
        .usingRecursiveComparison()
        .ignoringFields("source.length")
        .isEqualTo(token);
  }

  @Test
  void keepsEveryBitOfFeatures() throws Rejection {
    float[] features = {-0.0f, Float.MIN_VALUE, Float.MAX_VALUE, 0.1f, 1 / 3f, 16_777_216f};
    Token again = readBack(Token.of("a", features), Reads.FEATURES);
    assertThat(again.features()).containsExactly(features);
    assertThat(again.token()).isNull();
  }

  @Test
  void valuesOfFieldsAreWrittenUnderTheirNames() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("token", "fuel");
    fields.put("amount", 12.5);
    fields.put("count", new BigInteger("123456789012345678901"));
    fields.put("probe", new double[] {1, Double.NaN});
    fields.put("online", true);
    fields.put("gone", null);
    String json = new String(TokenEncoder.encode(Token.of("k", fields)), UTF_8);
    assertThat(json)
        .isEqualTo(
            "{\"key\":\"k\",\"token\":\"fuel\",\"amount\":12.5,\"count\":123456789012345678901,"
                + "\"probe\":[1.0,null],\"online\":true}");
  }
}
