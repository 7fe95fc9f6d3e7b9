package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.BatchedOnnxOperator;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.PinnedOnnxFunction;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.operator.IdentityFunction;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/**
 * What the operator benchmark compares: something that makes a prediction of each token of a keyed
 * stream.
 *
 * @param name its name in progress and messages
 * @param attach attaches it to a stream
 */
record Candidate(
    String name,
    Function<KeyedStream<Token, String>, SingleOutputStreamOperator<Prediction>> attach) {

  /** The predictions for these tokens. */
  SingleOutputStreamOperator<Prediction> on(KeyedStream<Token, String> tokens) {
    return attach.apply(tokens).returns(TypeInformation.of(Prediction.class)).uid("candidate");
  }

  static Candidate of(String name, KeyedProcessFunction<String, Token, Prediction> function) {
    return new Candidate(name, tokens -> tokens.process(function));
  }

  static Candidate of(String name, OneInputStreamOperator<Token, Prediction> operator) {
    TypeInformation<Prediction> type = TypeInformation.of(Prediction.class);
    return new Candidate(name, tokens -> tokens.transform(name, type, operator));
  }

  /**
   * flink-rnn, as a job attaches it.
   *
   * @param model a model directory
   */
  static Candidate ours(Path model) {
    return of("ours", RnnFunction.of(model.toUri().toString()).withFields(OutputField.PREDICTION));
  }

  /** All candidates, in the order of {@link OperatorBench#row}. */
  static List<Candidate> all(SeededNetwork network, TemporaryFiles files) throws IOException {
    NetworkSize size = network.size();
    Path graphs = files.create("onnx");
    String step = Files.write(graphs.resolve("step.onnx"), network.onnx()).toString();
    String batch = Files.write(graphs.resolve("batch.onnx"), network.onnxOfBatches()).toString();
    return List.of(
        of("no-op operator", new IdentityFunction(size.stateSize(), NetworkSize.OUTPUTS)),
        ours(files.write(network)),
        of("ONNX Runtime", new OnnxRuntimeFunction(size, step)),
        of("ONNX Runtime pinned", new PinnedOnnxFunction(size, step)),
        of("ONNX Runtime batched", new BatchedOnnxOperator(size, batch)));
  }
}
