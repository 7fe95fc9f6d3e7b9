package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SequenceEnd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JSON of rank, surprise, the largest outputs, generated words, and ends. */
class ScoredPredictionTest {
  private static String encode(Prediction prediction) {
    return new String(new PredictionEncoder(List.of("country")).serialize(prediction), UTF_8);
  }

  private static Prediction scored(Float surprise, Integer rank, boolean generated) {
    return new Prediction(
        "k", 2, "5", null, null, null, null, surprise, rank, null, null, null, null, generated,
        null, null, null, null, null, null);
  }

  @Test
  void allOfThemAreInTheDocumentedOrder() {
    Prediction prediction =
        new Prediction(
            "k",
            3,
            "the",
            "O",
            null,
            new float[] {1.5f},
            new float[] {0.5f},
            0.25f,
            7,
            1.25f,
            new String[] {"O", "\"PER\""},
            new float[] {0.75f, 1e-5f},
            null,
            true,
            null,
            4L,
            5L,
            "m@1",
            new String[] {"\"DE\""},
            null);
    assertThat(encode(prediction))
        .isEqualTo(
            "{\"key\":\"k\",\"t\":3,\"token\":\"the\",\"label\":\"O\",\"logits\":[1.5],"
                + "\"hidden\":[0.5],\"surprise\":0.25,\"rank\":7,\"error\":1.25,"
                + "\"top\":[{\"label\":\"O\",\"prediction\":0.75},"
                + "{\"label\":\"\\\"PER\\\"\",\"prediction\":1.0E-5}],\"generated\":true,"
                + "\"seq\":4,\"timestamp\":5,\"model\":\"m@1\",\"country\":\"DE\"}");
  }

  @Test
  void aPredictionSaysWhetherItIsFinal() {
    for (boolean isFinal : new boolean[] {true, false}) {
      Prediction prediction =
          new Prediction(
              "k", 2, "5", null, null, null, null, null, null, null, null, null, null, false,
              isFinal, 7L, null, null, null, null);
      assertThat(encode(prediction))
          .isEqualTo("{\"key\":\"k\",\"t\":2,\"token\":\"5\",\"final\":" + isFinal + ",\"seq\":7}");
    }
  }

  @Test
  void absentFieldsAreOmitted() {
    assertThat(encode(scored(null, null, false)))
        .isEqualTo("{\"key\":\"k\",\"t\":2,\"token\":\"5\"}");
    assertThat(encode(scored(null, 40, false)))
        .isEqualTo("{\"key\":\"k\",\"t\":2,\"token\":\"5\",\"rank\":40}");
    assertThat(encode(scored(null, null, true)))
        .isEqualTo("{\"key\":\"k\",\"t\":2,\"token\":\"5\",\"generated\":true}");
  }

  @ParameterizedTest
  @CsvSource({"0, 0.0", "0.03117316, 0.03117316", "1000, 1000.0", "3.4028235e38, 3.4028235E38"})
  void theSurpriseIsTheShortestDecimal(float surprise, String text) {
    assertThat(encode(scored(surprise, 1, false)))
        .isEqualTo("{\"key\":\"k\",\"t\":2,\"token\":\"5\",\"surprise\":" + text + ",\"rank\":1}");
  }

  @Test
  void noOutputsAreAnEmptyList() {
    Prediction prediction =
        new Prediction(
            "k",
            1,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            new String[0],
            new float[0],
            null,
            false,
            null,
            null,
            null,
            null,
            null,
            null);
    assertThat(encode(prediction)).isEqualTo("{\"key\":\"k\",\"t\":1,\"top\":[]}");
  }

  @Test
  void anEndHasKeyStepsAndReason() {
    SequenceEndEncoder encoder = new SequenceEndEncoder();
    assertThat(
            new String(
                encoder.serialize(new SequenceEnd("Größe\n", 3, "idle-timeout", null)), UTF_8))
        .isEqualTo("{\"key\":\"Größe\\n\",\"t\":3,\"why\":\"idle-timeout\"}");
    assertThat(
            new String(encoder.serialize(new SequenceEnd("k", 9_000_000_000L, "end", null)), UTF_8))
        .isEqualTo("{\"key\":\"k\",\"t\":9000000000,\"why\":\"end\"}");
  }
}
