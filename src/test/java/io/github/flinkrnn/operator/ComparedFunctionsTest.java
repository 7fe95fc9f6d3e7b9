package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.network.Agreement;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators that the benchmarks compare do the same work for each key. */
class ComparedFunctionsTest {
  private static final int TOKENS = 60;
  private static final float[][] FEATURES = SeededNetwork.features(TOKENS, 5, 3);

  @TempDir private Path directory;

  private static List<Prediction> predictions(
      KeyedProcessFunction<String, Token, Prediction> function) throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(function), Token::key, Types.STRING, 128, 1, 0);
    harness.open();
    for (int i = 0; i < TOKENS; i++) {
      harness.processElement(Token.of("key-" + i % 3, FEATURES[i]), 0);
    }
    List<Prediction> predictions = harness.extractOutputValues();
    harness.close();
    return predictions;
  }

  @ParameterizedTest
  @ValueSource(strings = {"rnn", "gru", "lstm"})
  void theOnnxRuntimeOperatorPredictsTheSame(String type) throws Exception {
    NetworkSize size = new NetworkSize(type, 7, 5, 2);
    SeededNetwork network = new SeededNetwork(size, 1);
    String model = network.writeModel(directory.resolve("model")).toUri().toString();
    Path onnx = Files.write(directory.resolve("step.onnx"), network.onnx());

    List<Prediction> ours = predictions(RnnFunction.of(model));
    List<Prediction> theirs = predictions(new OnnxRuntimeFunction(size, onnx.toString()));

    assertThat(ours).hasSize(TOKENS);
    for (int i = 0; i < TOKENS; i++) {
      assertThat(theirs.get(i).key()).isEqualTo(ours.get(i).key());
      assertThat(theirs.get(i).prediction())
          .usingComparatorWithPrecision((float) Agreement.TOLERANCE)
          .containsExactly(ours.get(i).prediction());
    }
  }

  @Test
  void theNoOpOperatorCountsStepsAndKeepsStateOfTheSameSize() throws Exception {
    List<Prediction> predictions = predictions(new IdentityFunction(64, 8));

    for (int i = 0; i < TOKENS; i++) {
      assertThat(predictions.get(i).t()).isEqualTo(i / 3 + 1);
      assertThat(predictions.get(i).prediction()).hasSize(8);
    }
    assertThat(StateBytes.of(64)).isLessThanOrEqualTo(4 * 64 + 24);
  }
}
