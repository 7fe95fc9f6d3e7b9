package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Utf8;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The JSON of dead letters. It must contain the record. */
class RejectedRecordEncoderTest {
  private static final int MAX = RejectedRecordEncoder.MAX_BYTES;
  private static final Origin ORIGIN = new Origin("tokens", 3, 42);
  private static final String HEAD =
      "{\"reason\":\"not-json\",\"detail\":\"one line\","
          + "\"topic\":\"tokens\",\"partition\":3,\"offset\":42,";

  private static String encode(byte[] value, long length, Origin origin) {
    RejectedRecord rejected =
        new RejectedRecord(
            Reason.NOT_JSON, "one line", new SourceRecord(null, value, length, null, origin));
    return StrictJson.text(new RejectedRecordEncoder().serialize(rejected));
  }

  private static JsonNode read(byte[] value, long length) {
    return StrictJson.parse(encode(value, length, ORIGIN).getBytes(UTF_8));
  }

  private static String encode(byte[] value) {
    return encode(value, value.length, ORIGIN);
  }

  @Test
  void writesReasonDetailOriginAndRecord() {
    assertThat(encode("{\"a\":\"Größe\n".getBytes(UTF_8)))
        .isEqualTo(HEAD + "\"record\":\"{\\\"a\\\":\\\"Größe\\n\"}");
  }

  @Test
  void writesWhatIsNotUtf8InBase64() {
    assertThat(encode(new byte[] {'a', (byte) 0xff, 0}))
        .isEqualTo(HEAD + "\"record\":\"Yf8A\",\"encoding\":\"base64\"}");
  }

  private static String detail(String said) {
    RejectedRecord rejected =
        new RejectedRecord(Reason.NOT_JSON, said, new SourceRecord(null, null, 0, null, ORIGIN));
    return StrictJson.parse(new RejectedRecordEncoder().serialize(rejected))
        .get("detail")
        .asString();
  }

  @Test
  void aDetailHoldsNoHalfOfASurrogatePair() {
    assertThat(detail("x".repeat(499) + "\ud83d\ude00")).isEqualTo("x".repeat(499) + "…");
    assertThat(detail("x".repeat(498) + "\ud83d\ude00")).isEqualTo("x".repeat(498) + "😀");
    assertThat(detail("\ud800 a \udc00 b \ud83d\ude00 \ud83d"))
        .isEqualTo("\ufffd a \ufffd b 😀 \ufffd");
    assertThat(detail("x".repeat(499) + "\ude00 and more")).isEqualTo("x".repeat(499) + "\ufffd…");
  }

  /** The last 16 bits of U+1D800 are half of a surrogate pair. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\":\ud836\udc00}",
        "\ud836\udc00",
        "{\"key\" \ud836\udc00",
        "nul\ud836\udc00"
      })
  void aDetailThatQuotesTheRecordHoldsNoneEither(String record) {
    byte[] value = record.getBytes(UTF_8);
    SourceRecord source = new SourceRecord(null, value, value.length, null, ORIGIN);
    TokenDecoder decoder = new TokenDecoder(TokenFields.TOP_LEVEL, Reads.FEATURES, 1 << 20);
    assertThatThrownBy(() -> decoder.decode(source))
        .isInstanceOfSatisfying(
            Rejection.class,
            rejection -> {
              assertThat(Utf8.isEncodable(rejection.getMessage())).isTrue();
              assertThat(rejection.reason()).isEqualTo(Reason.NOT_JSON);
              assertThat(detail(rejection.getMessage())).isEqualTo(rejection.getMessage());
            });
  }

  @Test
  void writesATombstoneAsNull() {
    assertThat(encode(null, 0, ORIGIN)).isEqualTo(HEAD + "\"record\":null}");
  }

  @Test
  void writesAnEmptyRecordAsEmpty() {
    assertThat(encode(new byte[0])).isEqualTo(HEAD + "\"record\":\"\"}");
  }

  @Test
  void writesNullsForAnUnknownOrigin() {
    assertThat(encode("x".getBytes(UTF_8), 1, null))
        .isEqualTo(
            "{\"reason\":\"not-json\",\"detail\":\"one line\","
                + "\"topic\":null,\"partition\":null,\"offset\":null,\"record\":\"x\"}");
  }

  @Test
  void keepsARecordOfTheMaximumLengthWhole() {
    String text = "x".repeat(MAX);
    assertThat(encode(text.getBytes(UTF_8))).isEqualTo(HEAD + "\"record\":\"" + text + "\"}");
  }

  @Test
  void cutsALongerRecordAndMarksIt() {
    String text = "x".repeat(MAX);
    assertThat(encode((text + "y").getBytes(UTF_8)))
        .isEqualTo(
            HEAD + "\"record\":\"" + text + "\",\"truncated\":true,\"length\":" + (MAX + 1) + "}");
  }

  @Test
  void marksARecordThatTheSourceHasCut() {
    JsonNode read = read("abc".getBytes(UTF_8), 5_000_000_000L);
    assertThat(read.get("record").stringValue()).isEqualTo("abc");
    assertThat(read.get("truncated").booleanValue()).isTrue();
    assertThat(read.get("length").longValue()).isEqualTo(5_000_000_000L);
  }

  static IntStream positionsInACharacter() {
    return IntStream.rangeClosed(0, 4);
  }

  /** The cut is after 0 to 4 bytes of a four-byte character. */
  @ParameterizedTest
  @MethodSource("positionsInACharacter")
  void neverCutsThroughACharacter(int inside) {
    String before = "x".repeat(MAX - inside);
    byte[] value = (before + "😀".repeat(10)).getBytes(UTF_8);
    JsonNode read = read(value, value.length);
    assertThat(read.has("encoding")).isFalse();
    assertThat(read.get("record").stringValue()).isEqualTo(inside == 4 ? before + "😀" : before);
    assertThat(read.get("length").longValue()).isEqualTo(value.length);
  }

  @Test
  void cutsWhatIsNotUtf8InBase64() {
    byte[] value = new byte[MAX + 10];
    Arrays.fill(value, (byte) 0xff);
    JsonNode read = read(value, value.length);
    assertThat(read.get("encoding").stringValue()).isEqualTo("base64");
    assertThat(Base64.getDecoder().decode(read.get("record").stringValue()))
        .isEqualTo(Arrays.copyOf(value, MAX));
    assertThat(read.get("truncated").booleanValue()).isTrue();
  }

  /** A dead letter must fit into a topic with Kafka's default message limit of 1 MiB. */
  @Test
  void fitsWhereItsRecordDidWhateverTheBytes() {
    for (byte worst : new byte[] {0, '"', 'x', (byte) 0xff}) {
      byte[] value = new byte[10 << 20];
      Arrays.fill(value, worst);
      assertThat(encode(value).getBytes(UTF_8).length).isLessThan(900_000);
    }
  }
}
