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
import org.apache.flink.configuration.MemorySize;
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
   * flink-rnn, with batches of 32 and a cache of 64 MB.
   *
   * @param model a model directory
   */
  static Candidate ours(Path model) {
    return new Candidate("ours", function(model)::applyTo);
  }

  /** flink-rnn with batches, and without the cache of states above RocksDB. */
  static Candidate oursWithoutCache(Path model) {
    return new Candidate(
        "ours, without cache", function(model).withStateCache(MemorySize.ZERO)::applyTo);
  }

  /** flink-rnn without batches, and without the cache. */
  static Candidate oursOneByOne(Path model) {
    return of("ours, one by one", function(model));
  }

  private static RnnFunction<String, Token, Prediction> function(Path model) {
    return RnnFunction.of(model.toUri().toString()).withFields(OutputField.PREDICTION);
  }

  /**
   * All candidates, in the order of {@link OperatorBench#row}. The first ONNX Runtime operator has
   * the graph that PyTorch exports of a layer. The two that are tuned have for each network the
   * graph that is faster there: that one, or the one of a cell, of matrix products. With 32 keys,
   * that of a cell takes a quarter of the time for the RNN, three quarters for the GRU, and a
   * little more for the LSTM; with one key, less for the RNN and the LSTM, and more for the GRU.
   */
  static List<Candidate> all(SeededNetwork network, TemporaryFiles files) throws IOException {
    NetworkSize size = network.size();
    byte[] products = network.onnxOfProducts();
    byte[] one = size.type().equals("gru") ? network.onnx() : products;
    byte[] many = size.type().equals("lstm") ? network.onnxOfBatches() : products;
    Path graphs = files.create("onnx");
    Path model = files.write(network);
    return List.of(
        of("no-op operator", new IdentityFunction(size.stateSize(), NetworkSize.OUTPUTS)),
        ours(model),
        of("ONNX Runtime", new OnnxRuntimeFunction(size, write(graphs, "naive", network.onnx()))),
        of("ONNX Runtime pinned", new PinnedOnnxFunction(size, write(graphs, "pinned", one))),
        of("ONNX Runtime batched", new BatchedOnnxOperator(size, write(graphs, "batched", many))),
        oursOneByOne(model),
        oursWithoutCache(model));
  }

  private static String write(Path directory, String name, byte[] graph) throws IOException {
    return Files.write(directory.resolve(name + ".onnx"), graph).toString();
  }
}
