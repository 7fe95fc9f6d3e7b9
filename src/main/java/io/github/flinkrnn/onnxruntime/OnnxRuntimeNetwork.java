package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.NotAcceptedException;
import java.io.IOException;
import java.nio.ByteOrder;
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
  private static final int EXPONENT = 0x7ff00000;
  private static final Duration FIRST_STEP = Duration.ofMinutes(1);

  private final StepGraph graph;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<StepOutput> outputs; // the heads, then the states

  private OnnxRuntimeNetwork(StepGraph graph, List<StepOutput> outputs) {
    this.graph = graph.withoutBytes();
    this.outputs = outputs;
    this.environment = OnnxRuntime.environment(graph.file());
    this.session = OnnxRuntime.session(graph, environment);
  }

  /** See {@link StepGraphs#load}. */
  static OnnxRuntimeNetwork load(StepGraph graph) {
    List<StepOutput> outputs;
    try (TrialProcess trial = TrialProcess.start()) {
      outputs = trial.outputs(graph, FIRST_STEP);
    } catch (IOException e) {
      throw new InvalidFileException(
          graph.file(), "", "cannot be tried in a separate process: " + e.getMessage());
    }
    return new OnnxRuntimeNetwork(graph, outputs);
  }

  @Override
  public int inputSize() {
    return graph.takesWord() ? 0 : graph.sample().length;
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
        graph.takesWord() ? "by their ids" : "one-hot",
        0,
        graph.multiplyAdds(),
        "",
        "onnxruntime-" + environment.getVersion());
  }

  @Override
  public int stateSize() {
    return graph.stateSize();
  }

  @Override
  public int hiddenAt() {
    if (graph.hidden() < 0) {
      return 0;
    }
    StepGraph.State state = graph.states().get(graph.hidden());
    return graph.offset(graph.hidden()) + state.size() - state.units();
  }

  @Override
  public int hiddenSize() {
    return graph.hidden() < 0 ? 0 : graph.states().get(graph.hidden()).units();
  }

  @Override
  public int outputSize() {
    return headSizes()[0];
  }

  @Override
  public int[] headSizes() {
    return outputs.stream()
        .limit(graph.heads().size())
        .mapToInt(output -> StepGraph.length(output.shape()))
        .toArray();
  }

  /** Each call of ONNX Runtime can fail, and concerns one sequence. */
  @Override
  public boolean stepsSeveral() {
    return false;
  }

  /** Integers have no NaN, whatever their bits are as floats. */
  @Override
  public boolean isFinite(float[] state) {
    int at = 0;
    for (StepGraph.State of : graph.states()) {
      boolean isFinite =
          switch (of.type()) {
            case FLOAT -> areFinite(state, at, of.size());
            case DOUBLE -> areFiniteDoubles(state, at, of.size());
            default -> true;
          };
      if (!isFinite) {
        return false;
      }
      at += of.size();
    }
    return true;
  }

  private static boolean areFinite(float[] floats, int from, int count) {
    for (int at = from; at < from + count; at++) {
      if (!Float.isFinite(floats[at])) {
        return false;
      }
    }
    return true;
  }

  /** The exponent of a double is in its high word; it is all ones for an infinity or a NaN. */
  private static boolean areFiniteDoubles(float[] words, int from, int count) {
    int high = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 0;
    for (int at = from + high; at < from + count; at += 2) {
      if ((Float.floatToRawIntBits(words[at]) & EXPONENT) == EXPONENT) {
        return false;
      }
    }
    return true;
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
    private float[] last; // the state after the last step

    RuntimeStepper() throws OrtException {
      tensors = new StepTensors(graph, environment);
      boolean whole = false;
      try {
        tensors.addOutputs(outputs);
        whole = true;
      } finally {
        if (!whole) {
          tensors.close();
        }
      }
    }

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      last = null; // until the output is complete
      tensors.numbers(x);
      step(previous, next);
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      last = null;
      tensors.word(word);
      step(previous, next);
    }

    private void step(float[] previous, float[] next) {
      tensors.previous(previous);
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
      expectLast(state);
      tensors.head(0, logits);
    }

    @Override
    public void logits(float[] state, float[][] heads) {
      expectLast(state);
      for (int head = 0; head < heads.length; head++) {
        if (heads[head] != null) {
          tensors.head(head, heads[head]);
        }
      }
    }

    @SuppressWarnings("ReferenceEquality")
    private void expectLast(float[] state) {
      if (state != last) {
        throw new IllegalArgumentException("a step graph has only the output of its last step");
      }
    }

    @Override
    public void close() {
      tensors.close();
    }
  }
}
