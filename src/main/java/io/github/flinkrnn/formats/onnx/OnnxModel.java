package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepGraphs;
import java.io.IOException;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Reads an ONNX model. A graph of a whole sequence becomes built-in layers that take single steps
 * ({@link SequenceGraph}). A step graph that the built-in layers do not support is run by ONNX
 * Runtime ({@link StepGraphReader}).
 */
@Internal
public final class OnnxModel {
  private OnnxModel() {}

  /**
   * Reads the file. {@code model_type} and {@code nonlinearity} in config.json must agree with the
   * graph.
   *
   * @param names the fields of config.json for ONNX; if one is set that only a step graph has, the
   *     graph is one
   * @throws InvalidFileException when the file is damaged, or its graph is not supported
   */
  public static LoadedNetwork read(WeightsFile weights, NetworkConfig config, StepNames names)
      throws IOException {
    OnnxGraph graph = OnnxFile.read(weights.files(), weights.name(), weights.memory());
    if (names.isOfStepGraph()) {
      return step(weights, graph, config, names);
    }
    try {
      return SequenceGraph.read(weights, graph, config, names);
    } catch (UnsupportedGraphException e) {
      if (StatePairs.byName(graph).isEmpty()) {
        throw e.refusal(graph);
      }
      return step(weights, graph, config, names);
    } catch (InvalidFileException e) {
      if (StatePairs.byName(graph).isEmpty()) {
        throw e;
      }
      return step(weights, graph, config, names); // a rule of the built-in layers, perhaps
    }
  }

  /** A step graph, run by ONNX Runtime. */
  private static LoadedNetwork step(
      WeightsFile weights, OnnxGraph graph, NetworkConfig config, StepNames names)
      throws IOException {
    String file = weights.path();
    if (!config.type().orElse("onnx").equals("onnx")) {
      throw new InvalidFileException(
          config.file(),
          "model_type",
          "expected onnx, because " + file + " is a step graph, found " + config.type().get());
    }
    long size = weights.files().size(weights.name());
    weights.memory().take(file, size);
    weights.memory().expect(file, size); // a second copy, in pieces
    byte[] bytes =
        WholeModel.of(
            weights.files(),
            weights.name(),
            weights.files().read(weights.name(), Integer.MAX_VALUE - 1024),
            weights.memory());
    StepGraphReader reader = new StepGraphReader(weights, graph, config, names);
    StepGraph step = reader.graph(bytes);
    long numbers = graph.constants().values().stream().mapToLong(OnnxTensor::length).sum();
    return new LoadedNetwork(
        StepGraphs.load(step),
        step,
        step.heads().stream().map(head -> StepGraphReader.end(graph, head)).toList(),
        0,
        numbers,
        reader.parts(step),
        List.of(),
        reader.integers(),
        List.of());
  }
}
