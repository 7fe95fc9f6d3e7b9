package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.sequence.Prediction;
import java.util.List;
import java.util.Random;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The JSON of predictions. Users parse it, and must be able to compare it with diff. */
class PredictionEncoderTest {
  private static String encode(Prediction prediction, String... carriedNames) {
    return new String(new PredictionEncoder(List.of(carriedNames)).serialize(prediction), UTF_8);
  }

  private static String encode(float... numbers) {
    return encode(new Prediction("k", 1, null, null, numbers, null, null, null, null, null, null));
  }

  @Test
  void writesTheDocumentedExample() {
    Prediction prediction =
        new Prediction(
            "k0",
            3,
            "Roosevelt",
            "PER",
            new float[] {0.02f, 0.98f},
            null,
            null,
            null,
            null,
            null,
            null);
    assertThat(encode(prediction))
        .isEqualTo(
            "{\"key\":\"k0\",\"t\":3,\"token\":\"Roosevelt\",\"label\":\"PER\","
                + "\"prediction\":[0.02,0.98]}");
  }

  @Test
  void writesEveryFieldInTheDocumentedOrder() {
    Prediction prediction =
        new Prediction(
            "k",
            9_000_000_000L,
            "the",
            "O",
            new float[] {0.25f, 0.75f},
            new float[] {-1.5f},
            new float[] {0f, -0f, 1f},
            -3L,
            1_700_000_000_000L,
            "tagger@2",
            new String[] {"{\"a\":1.10}", null, "\"DE\""});
    assertThat(encode(prediction, "x", "y", "country"))
        .isEqualTo(
            "{\"key\":\"k\",\"t\":9000000000,\"token\":\"the\",\"label\":\"O\","
                + "\"prediction\":[0.25,0.75],\"logits\":[-1.5],\"hidden\":[0.0,-0.0,1.0],"
                + "\"seq\":-3,\"timestamp\":1700000000000,\"model\":\"tagger@2\","
                + "\"x\":{\"a\":1.10},\"country\":\"DE\"}");
  }

  @Test
  void omitsFieldsThatWereNotChosen() {
    Prediction prediction =
        new Prediction("k", 1, null, null, null, null, null, null, null, null, null);
    assertThat(encode(prediction, "country")).isEqualTo("{\"key\":\"k\",\"t\":1}");
  }

  @Test
  void writesAnEmptyListAsOne() {
    assertThat(encode(new float[0])).isEqualTo("{\"key\":\"k\",\"t\":1,\"prediction\":[]}");
  }

  @Test
  void writesTextAsUtf8AndEscapesWhatMustBe() {
    Prediction prediction =
        new Prediction(
            "Größe 😀", 1, "\"\\\n\u0001\u2028</", null, null, null, null, null, null, null, null);
    assertThat(encode(prediction))
        .isEqualTo("{\"key\":\"Größe 😀\",\"t\":1,\"token\":\"\\\"\\\\\\n\\u0001\\u2028</\"}");
  }

  /** Longer than any buffer of the writer. */
  @Test
  void writesLongText() {
    String key = "😀é".repeat(2_000);
    Prediction prediction =
        new Prediction(key, 1, null, null, null, null, null, null, null, null, null);
    assertThat(encode(prediction)).isEqualTo("{\"key\":\"" + key + "\",\"t\":1}");
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "0.3, 0.3",
    "1, 1.0",
    "100, 100.0",
    "1e7, 1.0E7",
    "1e10, 1.0E10",
    "0.001, 0.001",
    "0.0001, 1.0E-4",
    "2e-45, 1.4E-45",
    "1.17549435E-38, 1.1754944E-38",
    "3.4028235e38, 3.4028235E38",
    "0.33333334, 0.33333334",
    "16777216, 1.6777216E7",
    // Java before 19 writes one digit too many for these.
    "2e-44, 2.0E-44",
    "1.0e23, 1.0E23",
    "-0.5, -0.5",
  })
  void writesTheShortestDecimal(float number, String text) {
    assertThat(encode(number)).isEqualTo("{\"key\":\"k\",\"t\":1,\"prediction\":[" + text + "]}");
  }

  @Test
  void numbersReadBackToTheirBits() {
    Random random = new Random(2026);
    float[] numbers = new float[10_000];
    for (int i = 0; i < numbers.length; i++) {
      do {
        numbers[i] = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(numbers[i]));
    }
    JsonNode read = StrictJson.parse(encode(numbers).getBytes(UTF_8)).get("prediction");
    assertThat(read.size()).isEqualTo(numbers.length);
    String json = encode(numbers);
    String[] texts = json.substring(json.indexOf('[') + 1, json.indexOf(']')).split(",", -1);
    for (int i = 0; i < numbers.length; i++) {
      assertThat(Float.floatToIntBits(Float.parseFloat(texts[i])))
          .isEqualTo(Float.floatToIntBits(numbers[i]));
      // Also by way of a double, as most JSON readers do.
      assertThat(Float.floatToIntBits((float) Double.parseDouble(texts[i])))
          .isEqualTo(Float.floatToIntBits(numbers[i]));
      assertThat(texts[i].length()).isLessThanOrEqualTo(Float.toString(numbers[i]).length());
    }
  }

  /** The encoder reuses the generator and the buffers of the previous record. */
  @Test
  void writesManyRecordsAsItWouldWriteEachAlone() {
    PredictionEncoder encoder = new PredictionEncoder(List.of("x"));
    Random random = new Random(29);
    for (int i = 0; i < 2_000; i++) {
      // Some are longer than the buffers, and longer than the part of them that is kept.
      int length = i % 700 == 699 ? 1_200_000 : i % 50 == 49 ? 10_000 : random.nextInt(9);
      String[] carried = random.nextBoolean() ? new String[] {"{\"a\":[" + i + "]}"} : null;
      Prediction prediction = prediction("é".repeat(length), random.nextFloat(), carried);
      assertThat(encoder.serialize(prediction))
          .isEqualTo(new PredictionEncoder(List.of("x")).serialize(prediction));
    }
  }

  @Test
  void continuesAfterARecordThatItCannotWrite() {
    PredictionEncoder encoder = new PredictionEncoder(List.of("x"));
    Prediction good = prediction("k", 0.5f, null);
    byte[] json = "{\"key\":\"k\",\"t\":1,\"prediction\":[0.5]}".getBytes(UTF_8);
    for (int i = 0; i < 3; i++) {
      assertThat(encoder.serialize(good)).isEqualTo(json);
      // Fails in the middle of an object.
      assertThatThrownBy(() -> encoder.serialize(null)).isInstanceOf(NullPointerException.class);
      assertThat(encoder.serialize(good)).isEqualTo(json);
    }
  }

  /** A job serializes the encoder for its sinks, before or after use. */
  @Test
  void isSerializedWithTheNamesOfCarriedValues() throws Exception {
    PredictionEncoder encoder = new PredictionEncoder(List.of("Größe"));
    Prediction prediction = prediction("k", 0.5f, new String[] {"1"});
    byte[] json = encoder.serialize(prediction);
    assertThat(InstantiationUtil.clone(encoder).serialize(prediction))
        .isEqualTo(json)
        .isEqualTo("{\"key\":\"k\",\"t\":1,\"prediction\":[0.5],\"Größe\":1}".getBytes(UTF_8));
  }

  private static Prediction prediction(String key, float y, String[] carried) {
    return new Prediction(
        key, 1, null, null, new float[] {y}, null, null, null, null, null, carried);
  }
}
