package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.network.Agreement;
import io.github.flinkrnn.network.BatchedOnnxOperator;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.PinnedOnnxFunction;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators that the benchmarks compare do the same work for each key. */
class ComparedFunctionsTest {
  private static final int TOKENS = 200;
  private static final float[][] FEATURES = SeededNetwork.features(TOKENS, 5, 3);

  @TempDir private Path directory;

  private final List<KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction>> harnesses =
      new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var harness : harnesses) {
      harness.close();
    }
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> open(
      OneInputStreamOperator<Token, Prediction> operator) throws Exception {
    return restored(operator, null);
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Token, Prediction> restored(
      OneInputStreamOperator<Token, Prediction> operator, OperatorSubtaskState snapshot)
      throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(operator, Token::key, Types.STRING, 128, 1, 0);
    harnesses.add(harness);
    if (snapshot != null) {
      harness.initializeState(snapshot);
    }
    harness.open();
    return harness;
  }

  private List<Prediction> predictions(OneInputStreamOperator<Token, Prediction> operator)
      throws Exception {
    var harness = open(operator);
    for (int i = 0; i < TOKENS; i++) {
      harness.processElement(token(i), i);
    }
    harness.endInput();
    assertThat(harness.extractOutputStreamRecords())
        .extracting(StreamRecord::getTimestamp)
        .containsExactlyElementsOf(LongStream.range(0, TOKENS).boxed().toList());
    return harness.extractOutputValues();
  }

  /**
   * Groups of up to {@link BatchedOnnxOperator#BATCH} tokens of different keys, and single ones.
   */
  private static Token token(int i) {
    return Token.of("key-" + (i < 150 ? i % 50 : i % 7 * (i % 2)), FEATURES[i]);
  }

  private static KeyedProcessOperator<String, Token, Prediction> process(
      KeyedProcessFunction<String, Token, Prediction> function) {
    return new KeyedProcessOperator<>(function);
  }

  private String write(String name, byte[] graph) throws IOException {
    return Files.write(directory.resolve(name), graph).toString();
  }

  private void assertSame(List<Prediction> ours, OneInputStreamOperator<Token, Prediction> operator)
      throws Exception {
    List<Prediction> theirs = predictions(operator);
    assertThat(theirs).hasSize(TOKENS);
    for (int i = 0; i < TOKENS; i++) {
      assertThat(theirs.get(i).key()).isEqualTo(ours.get(i).key());
      assertThat(theirs.get(i).prediction())
          .usingComparatorWithPrecision((float) Agreement.TOLERANCE)
          .containsExactly(ours.get(i).prediction());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rnn", "gru", "lstm"})
  void theOnnxRuntimeOperatorPredictsTheSame(String type) throws Exception {
    NetworkSize size = new NetworkSize(type, 7, 5, 2);
    SeededNetwork network = new SeededNetwork(size, 1);
    String model = network.writeModel(directory.resolve("model")).toUri().toString();
    String step = write("step.onnx", network.onnx());

    assertSame(
        predictions(process(RnnFunction.of(model))), process(new OnnxRuntimeFunction(size, step)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rnn", "gru", "lstm"})
  void theTunedOnnxRuntimeOperatorsPredictTheSameWithEachGraph(String type) throws Exception {
    NetworkSize size = new NetworkSize(type, 7, 5, 1);
    SeededNetwork network = new SeededNetwork(size, 1);
    String model = network.writeModel(directory.resolve("model")).toUri().toString();
    String step = write("step.onnx", network.onnx());
    String batch = write("batch.onnx", network.onnxOfBatches());
    String products = write("products.onnx", network.onnxOfProducts());

    List<Prediction> ours = predictions(process(RnnFunction.of(model)));
    assertSame(ours, process(new PinnedOnnxFunction(size, step)));
    assertSame(ours, process(new PinnedOnnxFunction(size, products)));
    assertSame(ours, new BatchedOnnxOperator(size, batch));
    assertSame(ours, new BatchedOnnxOperator(size, products));
  }

  private BatchedOnnxOperator batched() throws IOException {
    NetworkSize size = new NetworkSize("gru", 7, 5, 1);
    byte[] graph = new SeededNetwork(size, 1).onnxOfProducts();
    return new BatchedOnnxOperator(size, write("batch.onnx", graph));
  }

  @Test
  void theBatchedOperatorWaitsForAFullBatch() throws Exception {
    var harness = open(batched());
    for (int i = 0; i < BatchedOnnxOperator.BATCH - 1; i++) {
      harness.processElement(token(i), 0);
    }
    assertThat(harness.extractOutputValues()).isEmpty();

    harness.processElement(token(BatchedOnnxOperator.BATCH - 1), 0);
    assertThat(harness.extractOutputValues()).hasSize(BatchedOnnxOperator.BATCH);
  }

  @Test
  void theBatchedOperatorComputesASecondTokenOfAKeyInTheNextBatch() throws Exception {
    var harness = open(batched());
    harness.processElement(token(0), 0);
    harness.processElement(token(1), 0);
    harness.processElement(token(50), 0); // key-0, too
    assertThat(harness.extractOutputValues())
        .extracting(Prediction::key)
        .containsExactly("key-0", "key-1");
  }

  @Test
  void theBatchedOperatorHasOneTimerForTheOldestToken() throws Exception {
    var harness = open(batched());
    harness.setProcessingTime(1000);
    harness.processElement(token(0), 0);
    harness.setProcessingTime(1004);
    harness.processElement(token(1), 0);
    assertThat(harness.getProcessingTimeService().getNumActiveTimers()).isEqualTo(1);
    assertThat(harness.extractOutputValues()).isEmpty();

    harness.setProcessingTime(1005);
    assertThat(harness.extractOutputValues()).hasSize(2);
    assertThat(harness.getProcessingTimeService().getNumActiveTimers()).isZero();

    harness.processElement(token(2), 0);
    harness.setProcessingTime(1010);
    assertThat(harness.extractOutputValues()).hasSize(3);
  }

  @Test
  void theBatchedOperatorComputesBeforeABarrierAndAWatermark() throws Exception {
    var harness = open(batched());
    harness.processElement(token(0), 0);
    harness.processWatermark(0);
    assertThat(harness.getOutput()).hasSize(2).last().isEqualTo(new Watermark(0));
    harness.processElement(token(50), 0);
    harness.prepareSnapshotPreBarrier(1);
    assertThat(harness.extractOutputValues()).hasSize(2);
    OperatorSubtaskState snapshot = harness.snapshot(1, 0);
    harness.processElement(token(100), 0);
    harness.endInput();
    List<Prediction> expected = harness.extractOutputValues();

    var restored = restored(batched(), snapshot);
    restored.processElement(token(100), 0);
    restored.endInput();
    assertThat(restored.extractOutputValues())
        .singleElement()
        .extracting(Prediction::prediction)
        .isEqualTo(expected.get(2).prediction());
  }

  @Test
  void theNoOpOperatorCountsStepsAndKeepsStateOfTheSameSize() throws Exception {
    List<Prediction> predictions = predictions(process(new IdentityFunction(64, 8)));

    Map<String, Long> steps = new HashMap<>();
    for (Prediction prediction : predictions) {
      assertThat(prediction.t()).isEqualTo(steps.merge(prediction.key(), 1L, Long::sum));
      assertThat(prediction.prediction()).hasSize(8);
    }
    assertThat(StateBytes.of(64)).isLessThanOrEqualTo(4 * 64 + 24);
  }
}
