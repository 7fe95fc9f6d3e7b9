package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.NotAcceptedException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A network that ONNX Runtime computes step by step, with one session for all threads of a JVM. The
 * state of a sequence is the concatenated state tensors of the graph, in the order of its inputs.
 *
 * <p>The bits are those of ONNX Runtime: the same for every run on one machine, but not guaranteed
 * to be the same on other types of machines. After the first step in a separate process ({@link
 * TrialProcess}), the memory and time of a step are not bounded.
 */
final class OnnxRuntimeNetwork implements Network {
  private static final Duration FIRST_STEP = Duration.ofMinutes(1);

  private final StepGraph graph;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final long[] outputShape;

  private OnnxRuntimeNetwork(StepGraph graph, long[] outputShape) {
    this.graph = graph.withoutBytes();
    this.outputShape = outputShape;
    this.environment = OnnxRuntime.environment(graph.file());
    this.session = OnnxRuntime.session(graph, environment);
  }

  /** See {@link StepGraphs#load}. */
  static OnnxRuntimeNetwork load(StepGraph graph, int words) {
    long[] outputShape;
    try (TrialProcess trial = TrialProcess.start()) {
      outputShape = trial.outputShape(graph, words, FIRST_STEP);
    } catch (IOException e) {
      throw new InvalidFileException(
          graph.file(), "", "cannot be tried in a separate process: " + e.getMessage());
    }
    return new OnnxRuntimeNetwork(graph, outputShape);
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
  public Description describe() {
    return new Description(
        "step graph of ONNX, hidden state of " + stateSize(),
        List.of("a step graph of ONNX: " + graph.operators()),
        List.of(),
        graph.input().kind() == StepGraph.Kind.FLOATS ? "one-hot" : "by their ids",
        0,
        graph.multiplyAdds(),
        "onnxruntime-" + environment.getVersion());
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

  /** The graph returns logits only with the step. */
  @Override
  public boolean hasLogitsOfAnyState() {
    return false;
  }

  @Override
  public Stepper stepper() {
    try {
      return new RuntimeStepper();
    } catch (OrtException e) {
      throw new IllegalStateException("Cannot create the tensors of " + graph.file(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("Cannot close the session of " + graph.file(), e);
    }
  }

  /** Takes steps by running the session with its own tensors. */
  private final class RuntimeStepper implements Stepper {
    private final StepTensors tensors;
    private final FloatBuffer output;
    private float[] last; // the state after the last step

    RuntimeStepper() throws OrtException {
      tensors = new StepTensors(graph, environment);
      boolean whole = false;
      try {
        tensors.addStateOutputs(graph);
        output =
            graph.outputState() >= 0
                ? tensors.stateOutput(graph.outputState())
                : tensors.addOutput(graph.output(), outputShape);
        whole = true;
      } finally {
        if (!whole) {
          tensors.close();
        }
      }
    }

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      tensors.features(x);
      step(previous, next);
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      tensors.word(word);
      step(previous, next);
    }

    private void step(float[] previous, float[] next) {
      tensors.previous(previous);
      last = null; // until the output is complete
      try {
        session.run(tensors.inputs(), Set.of(), tensors.outputs()).close();
      } catch (OrtException e) {
        throw new NotAcceptedException(e.getMessage());
      }
      tensors.next(next);
      last = next;
    }

    @Override
    public void logits(float[] state, float[] logits) {
      if (state != last) {
        throw new IllegalArgumentException("a step graph has only the output of its last step");
      }
      output.get(0, logits, 0, output.capacity());
    }

    @Override
    public void close() {
      tensors.close();
    }
  }
}
