package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.flinkrnn.onnxruntime.StepGraph.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a step. They are created once and reused for all steps. Not thread-safe. */
final class StepTensors implements AutoCloseable {
  private final StepGraph graph;
  private final OrtEnvironment environment;
  private final List<StepTensor> all = new ArrayList<>();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<StepTensor> x = new ArrayList<>();
  private final List<StepTensor> previous = new ArrayList<>();
  private final List<StepTensor> heads = new ArrayList<>();
  private final List<StepTensor> next = new ArrayList<>();
  private int one; // where the one of a one-hot vector may be; all other elements are zero

  /** Creates the inputs: x&lt;t&gt;, the constants and the states. */
  StepTensors(StepGraph graph, OrtEnvironment environment) throws OrtException {
    this.graph = graph;
    this.environment = environment;
    boolean whole = false;
    try {
      for (StepGraph.Input of : graph.inputs()) {
        x.add(input(of.name(), of.type(), of.shape()));
      }
      for (StepGraph.Constant of : graph.constants()) {
        input(of.name(), of.type(), of.shape()).putWords(of.words(), 0);
      }
      for (StepGraph.State of : graph.states()) {
        previous.add(input(of.input(), of.type(), of.shape()));
      }
      whole = true;
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  private StepTensor input(String name, StepType type, long[] shape) throws OrtException {
    StepTensor tensor = create(name, type, shape);
    inputs.put(name, tensor.tensor());
    return tensor;
  }

  private StepTensor create(String name, StepType type, long[] shape) throws OrtException {
    StepTensor tensor = new StepTensor(name, type, shape, environment);
    all.add(tensor);
    return tensor;
  }

  /**
   * Adds the outputs.
   *
   * @param of the heads, then the states; the output for a head may also be a state
   */
  void addOutputs(List<StepOutput> of) throws OrtException {
    Map<String, StepTensor> byName = new HashMap<>();
    for (StepOutput output : of) {
      if (!byName.containsKey(output.name())) {
        byName.put(output.name(), create(output.name(), output.type(), output.shape()));
      }
    }
    byName.forEach((name, tensor) -> outputs.put(name, tensor.tensor()));
    graph.heads().forEach(head -> heads.add(byName.get(head)));
    graph.states().forEach(state -> next.add(byName.get(state.output())));
  }

  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  /**
   * Sets x&lt;t&gt;.
   *
   * @throws io.github.flinkrnn.network.NotAcceptedException when a number is not of the type of its
   *     input
   */
  void numbers(float[] numbers) {
    for (int i = 0; i < x.size(); i++) {
      int at = 0;
      for (Span span : graph.inputs().get(i).spans()) {
        x.get(i).putNumbers(numbers, span.from(), at, span.length());
        at += span.length();
      }
    }
  }

  /**
   * Sets x&lt;t&gt; to the id of a word, or to its one-hot vector if the graph takes numbers. Words
   * have one input. Not to be mixed with {@link #numbers}.
   */
  void word(int word) {
    StepTensor input = x.get(0);
    if (graph.takesWord()) {
      input.putInteger(word);
      return;
    }
    input.putNumber(0, one);
    input.putNumber(1, word);
    one = word;
  }

  /** Sets the states of step t-1. */
  void previous(float[] words) {
    int at = 0;
    for (StepTensor tensor : previous) {
      tensor.putWords(words, at);
      at += tensor.words();
    }
  }

  /** Copies the states of step t. */
  void next(float[] words) {
    int at = 0;
    for (StepTensor tensor : next) {
      tensor.getWords(words, at);
      at += tensor.words();
    }
  }

  /** Copies y&lt;t&gt; of a head. */
  void head(int head, float[] numbers) {
    heads.get(head).getNumbers(numbers);
  }

  @Override
  public void close() {
    all.forEach(StepTensor::close);
  }
}
