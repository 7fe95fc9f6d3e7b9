package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Fingerprinted;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A graph that takes x&lt;t&gt; and the states of step t-1, and returns y&lt;t&gt; and the states
 * of step t.
 *
 * @param file the name of the file in errors
 * @param bytes the bytes of the whole file
 * @param output the name of y&lt;t&gt;
 * @param states the states, in the order of the inputs of the graph
 * @param hidden the index of the state that holds the top layer's a&lt;t&gt;
 * @param operators a phrase for the operators
 * @param multiplyAdds the multiply-adds of a step with constant matrices
 */
@Internal
public record StepGraph(
    String file,
    byte[] bytes,
    Input input,
    String output,
    List<State> states,
    int hidden,
    String operators,
    long multiplyAdds)
    implements Fingerprinted {

  /**
   * The input x&lt;t&gt;.
   *
   * @param shape all its dimensions; their product is the length of x&lt;t&gt;, 1 for an id
   */
  public record Input(String name, Kind kind, long[] shape) {
    int size() {
      return length(shape);
    }
  }

  /** The type of an input. */
  public enum Kind {
    FLOATS,
    /** The 32-bit id of a word. */
    INT_ID,
    /** The 64-bit id of a word. */
    LONG_ID
  }

  /**
   * One state tensor.
   *
   * @param input the input of the graph for the state after step t-1
   * @param output the output of the graph for the state after step t
   * @param initial the numbers before the first token, in row-major order
   */
  public record State(String input, String output, long[] shape, float[] initial) {
    int size() {
      return initial.length;
    }

    /** The size of the last dimension: the units of one layer. */
    int units() {
      return (int) shape[shape.length - 1];
    }
  }

  // Which part of the file is the head is unknown, so all bytes count.
  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("onnx").add(bytes);
    for (State state : states) {
      fingerprint.add(state.input()).add(state.output()).add(state.initial());
    }
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    fingerprint.add(output);
  }

  /** A copy without the bytes of the file, because the session has its own copy. */
  StepGraph withoutBytes() {
    return new StepGraph(file, new byte[0], input, output, states, hidden, operators, multiplyAdds);
  }

  /** The index of the state that is also y&lt;t&gt;, or -1. */
  int outputState() {
    return states.stream().map(State::output).toList().indexOf(output);
  }

  float[] initialState() {
    float[] initial = new float[stateSize()];
    int at = 0;
    for (State of : states) {
      System.arraycopy(of.initial(), 0, initial, at, of.size());
      at += of.size();
    }
    return initial;
  }

  int stateSize() {
    return states.stream().mapToInt(State::size).sum();
  }

  /** The index at which a state begins in the state of a sequence. */
  int offset(int state) {
    return states.subList(0, state).stream().mapToInt(State::size).sum();
  }

  static int length(long[] shape) {
    long length = 1;
    for (long size : shape) {
      length = Math.multiplyExact(length, size);
    }
    return Math.toIntExact(length);
  }
}
