package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.flinkrnn.config.InvalidFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Takes the first step of a graph to check it: its outputs must have the types and sizes of its
 * states, and it must accept the last word of the vocabulary and the last category. The step is
 * repeated with outputs that are written in place, as in all steps that follow.
 */
final class FirstStep {
  private final StepGraph graph;

  FirstStep(StepGraph graph) {
    this.graph = graph;
  }

  /**
   * The outputs: the heads, then the states.
   *
   * @throws InvalidFileException when ONNX Runtime cannot run the graph, or its outputs do not fit
   */
  List<StepOutput> outputs() {
    OrtEnvironment environment = OnnxRuntime.environment(graph.file());
    try (OrtSession session = OnnxRuntime.session(graph, environment);
        StepTensors tensors = new StepTensors(graph, environment)) {
      setSample(tensors);
      tensors.previous(graph.initialState());
      List<StepOutput> outputs;
      try (OrtSession.Result result = session.run(tensors.inputs())) {
        outputs = outputs(result);
      }
      tensors.addOutputs(outputs);
      session.run(tensors.inputs(), Set.of(), tensors.outputs()).close();
      return outputs;
    } catch (OrtException e) {
      throw OnnxRuntime.refused(graph, e);
    }
  }

  private void setSample(StepTensors tensors) {
    if (graph.takesWord()) {
      tensors.word(graph.sample()[0]);
      return;
    }
    float[] x = new float[graph.sample().length];
    for (int i = 0; i < x.length; i++) {
      x[i] = graph.sample()[i];
    }
    tensors.numbers(x);
  }

  private List<StepOutput> outputs(OrtSession.Result result) {
    List<StepOutput> outputs = new ArrayList<>();
    for (String head : graph.heads()) {
      StepOutput output = output(result, head);
      if (StepGraph.length(output.shape()) < 1) {
        throw invalid(head, "expected at least one number, found none");
      }
      outputs.add(output);
    }
    for (StepGraph.State of : graph.states()) {
      StepOutput output = output(result, of.output());
      int expected = StepGraph.length(of.shape());
      int found = StepGraph.length(output.shape());
      String as = " as for '" + of.input() + "', found ";
      if (found != expected) {
        throw invalid(of.output(), "expected " + expected + " numbers" + as + found);
      }
      if (output.type() != of.type()) {
        throw invalid(of.output(), "expected " + of.type() + as + output.type());
      }
      outputs.add(output);
    }
    return outputs;
  }

  private StepOutput output(OrtSession.Result result, String name) {
    if (!(result.get(name).map(value -> value.getInfo()).orElse(null) instanceof TensorInfo info)) {
      throw invalid(name, "expected a tensor");
    }
    StepType type =
        switch (info.onnxType) { // info.type is the same for signed and unsigned integers
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> StepType.FLOAT;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> StepType.DOUBLE;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> StepType.INT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> StepType.INT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> StepType.BOOL;
          default -> null;
        };
    if (type == null) {
      throw invalid(name, "expected numbers of type " + StepType.names() + ", found " + info.type);
    }
    return new StepOutput(name, type, info.getShape());
  }

  private InvalidFileException invalid(String output, String problem) {
    return new InvalidFileException(graph.file(), "output '" + output + "'", problem);
  }
}
