package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.model.RnnModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime computes the same as flink-rnn on the graphs that the benchmarks write. */
class AgreementTest {
  private static final float[][] TOKENS = SeededNetwork.features(100, 5, 3);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"rnn, 1", "rnn, 2", "gru, 1", "gru, 3", "lstm, 1", "lstm, 2"})
  void ofEveryCell(String type, int layers) throws Exception {
    NetworkSize size = new NetworkSize(type, 7, 5, layers);
    SeededNetwork network = new SeededNetwork(size, 1);
    RnnModel model = RnnModel.load(network.writeModel(directory));

    assertThat(model.stateSize()).isEqualTo(size.stateSize());
    try (OnnxSession session = new OnnxSession(size, network.onnx())) {
      double difference =
          Agreement.check(size.name(), new OurStep(model), new OnnxStep(session, size), TOKENS);
      assertThat(difference).isGreaterThan(0); // because two computations are compared
    }
  }

  @Test
  void otherWeightsDoNotAgree() throws Exception {
    NetworkSize size = new NetworkSize("gru", 7, 5, 1);
    RnnModel model = RnnModel.load(new SeededNetwork(size, 1).writeModel(directory));

    try (OnnxSession session = new OnnxSession(size, new SeededNetwork(size, 2).onnx())) {
      assertThatThrownBy(
              () ->
                  Agreement.check(
                      size.name(), new OurStep(model), new OnnxStep(session, size), TOKENS))
          .hasMessageStartingWith("GRU 7/5: the answers of step 1 differ by 0.");
    }
  }

  @Test
  void ofOperatorsThatPredictTheSame() {
    double difference =
        Agreement.check(
            "GRU, other",
            Map.of("a", predictions(0.5f, 0.25f), "b", predictions(0.5f)),
            Map.of("a", predictions(0.5f, 0.2500019f), "b", predictions(0.5f)));

    assertThat(difference).isEqualTo(0.2500019f - 0.25f);
  }

  @Test
  void operatorsDoNotAgreeInAPredictionAKeyOrACount() {
    Map<String, List<float[]>> ours = Map.of("a", predictions(0.5f, 0.25f));

    assertThatThrownBy(() -> Agreement.check("GRU", ours, Map.of("a", predictions(0.5f, 0.5f))))
        .hasMessage("GRU, a: the predictions of step 2 differ by 0.25");
    assertThatThrownBy(
            () -> Agreement.check("GRU", ours, Map.of("a", predictions(0.5f, Float.NaN))))
        .hasMessage("GRU, a: the predictions of step 2 differ by NaN");
    assertThatThrownBy(() -> Agreement.check("GRU", ours, Map.of("a", predictions(0.5f))))
        .hasMessage("GRU, a: expected 2 predictions, found 1");
    assertThatThrownBy(() -> Agreement.check("GRU", ours, Map.of("b", predictions(0.5f, 0.25f))))
        .hasMessage("GRU: expected predictions of the keys [a], found [b]");
  }

  /** Predictions of one number. */
  private static List<float[]> predictions(float... numbers) {
    List<float[]> predictions = new ArrayList<>();
    for (float number : numbers) {
      predictions.add(new float[] {number});
    }
    return predictions;
  }
}
