package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.flinkrnn.config.InvalidFileException;

/**
 * Takes the first step of a graph to check it: its outputs must have the sizes of its states, and
 * it must accept the last word of the vocabulary.
 */
final class FirstStep {
  private final StepGraph graph;

  FirstStep(StepGraph graph) {
    this.graph = graph;
  }

  /**
   * The shape of y&lt;t&gt;.
   *
   * @param words the size of the vocabulary; 0 for features
   * @throws InvalidFileException when ONNX Runtime cannot run the graph, or its outputs do not fit
   */
  long[] outputShape(int words) {
    OrtEnvironment environment = OnnxRuntime.environment(graph.file());
    try (OrtSession session = OnnxRuntime.session(graph, environment);
        StepTensors tensors = new StepTensors(graph, environment)) {
      tensors.previous(graph.initialState());
      if (graph.input().kind() != StepGraph.Kind.FLOATS) {
        tensors.word(words - 1);
      }
      try (OrtSession.Result result = session.run(tensors.inputs())) {
        expectStates(result);
        long[] shape = shape(result, graph.output());
        if (StepGraph.length(shape) < 1) {
          throw invalid(graph.output(), "expected at least one number, found none");
        }
        return shape;
      }
    } catch (OrtException e) {
      throw OnnxRuntime.refused(graph, e);
    }
  }

  private void expectStates(OrtSession.Result result) {
    for (StepGraph.State of : graph.states()) {
      long length = StepGraph.length(shape(result, of.output()));
      if (length != of.size()) {
        String problem = "expected " + of.size() + " numbers as for '" + of.input() + "', found ";
        throw invalid(of.output(), problem + length);
      }
    }
  }

  private long[] shape(OrtSession.Result result, String output) {
    if (result.get(output).map(value -> value.getInfo()).orElse(null) instanceof TensorInfo info) {
      return info.getShape();
    }
    throw invalid(output, "expected a tensor");
  }

  private InvalidFileException invalid(String output, String problem) {
    return new InvalidFileException(graph.file(), "output '" + output + "'", problem);
  }
}
