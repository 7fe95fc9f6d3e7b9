package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Recurrence;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A recurrence that ONNX Runtime computes, step by step. One session for all threads of a JVM. The
 * hidden state of a sequence is the graph's state tensors one after the other, in the order of its
 * inputs.
 *
 * <p>The bits are those of ONNX Runtime: the same on every run of one machine, but not promised to
 * be the same on machines of another kind. The graph is executed: once it has taken its first step
 * in a process of its own ({@link TrialProcess}), the memory and time of a step are what it asks
 * for.
 */
final class OnnxRuntimeRecurrence implements Recurrence {
  private static final Duration FIRST_STEP = Duration.ofMinutes(1);

  private final StepGraph graph;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final long[] outputShape;

  private OnnxRuntimeRecurrence(StepGraph graph, long[] outputShape) {
    this.graph = graph;
    this.outputShape = outputShape;
    this.environment = OnnxRuntime.environment(graph.file());
    this.session = OnnxRuntime.session(graph, environment);
  }

  /** See {@link StepGraphs#load}. */
  static OnnxRuntimeRecurrence load(StepGraph graph, int words) {
    long[] outputShape;
    try (TrialProcess trial = TrialProcess.start()) {
      outputShape = trial.outputShape(graph, words, FIRST_STEP);
    } catch (IOException e) {
      throw new InvalidFileException(
          graph.file(), "", "cannot be tried in a process of its own: " + e.getMessage());
    }
    return new OnnxRuntimeRecurrence(graph, outputShape);
  }

  @Override
  public int inputSize() {
    return graph.input().kind() == StepGraph.Kind.FLOATS ? graph.input().size() : 0;
  }

  @Override
  public int oneHotSize() {
    return inputSize();
  }

  @Override
  public String wordInput() {
    return graph.input().kind() == StepGraph.Kind.FLOATS ? "one-hot" : "by their ids";
  }

  @Override
  public long tableBytes() {
    return 0;
  }

  @Override
  public List<String> cellTypes() {
    return List.of("a step graph of ONNX: " + graph.operators());
  }

  @Override
  public String summary() {
    return "step graph of ONNX, hidden state of " + stateSize();
  }

  @Override
  public int stateSize() {
    return graph.stateSize();
  }

  @Override
  public int hiddenAt() {
    StepGraph.State state = graph.states().get(graph.hidden());
    return graph.offset(graph.hidden()) + state.size() - state.units();
  }

  @Override
  public int hiddenSize() {
    return graph.states().get(graph.hidden()).units();
  }

  @Override
  public int outputSize() {
    return StepGraph.length(outputShape);
  }

  @Override
  public float[] initialState() {
    return graph.initialState();
  }

  /** The graph gives them with the step. */
  @Override
  public boolean hasLogitsOfAnyState() {
    return false;
  }

  @Override
  public long multiplyAdds() {
    return graph.multiplyAdds();
  }

  @Override
  public String kernel() {
    return "onnxruntime-" + environment.getVersion();
  }

  // What of the file is the head, only its author knows: all of it counts.
  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("onnx").add(graph.bytes());
    for (StepGraph.State state : graph.states()) {
      fingerprint.add(state.input()).add(state.output()).add(state.initial());
    }
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    fingerprint.add(graph.output());
  }

  @Override
  public Stepper stepper() {
    try {
      return new OnnxRuntimeStepper(graph, environment, session, outputShape);
    } catch (OrtException e) {
      throw new IllegalStateException("no memory for the tensors of " + graph.file(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the session of " + graph.file() + " does not close", e);
    }
  }
}
