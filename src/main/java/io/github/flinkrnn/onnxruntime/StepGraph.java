package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Fingerprinted;
import java.util.List;

/**
 * A graph that takes x&lt;t&gt; and the states of step t-1, and gives y&lt;t&gt; and the states of
 * step t.
 *
 * @param file how errors name it
 * @param bytes of the whole file
 * @param output the name of y&lt;t&gt;
 * @param states in the order of the graph's inputs
 * @param hidden which of the states carries the top layer's a&lt;t&gt;
 * @param operators in a phrase
 * @param multiplyAdds of a step's products with constant matrices
 */
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
   * x&lt;t&gt;.
   *
   * @param shape all its dimensions; their product is the length of x&lt;t&gt;, 1 for an id
   */
  public record Input(String name, Kind kind, long[] shape) {
    int size() {
      return length(shape);
    }
  }

  /** What an input holds. */
  public enum Kind {
    FLOATS,
    /** The id of a word, of 32 bits. */
    INT_ID,
    /** The id of a word, of 64 bits. */
    LONG_ID
  }

  /**
   * One tensor of the hidden state.
   *
   * @param input the graph's input that takes what step t-1 left
   * @param output the graph's output that step t leaves
   * @param initial its numbers before the first token, last dimension fastest
   */
  public record State(String input, String output, long[] shape, float[] initial) {
    int size() {
      return initial.length;
    }

    /** Length of its last dimension: the units of one layer. */
    int units() {
      return (int) shape[shape.length - 1];
    }
  }

  // What of the file is the head, only its author knows: all of it counts.
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

  /** The same without the file's bytes, which a session has a copy of. */
  StepGraph withoutBytes() {
    return new StepGraph(file, new byte[0], input, output, states, hidden, operators, multiplyAdds);
  }

  /** The state that is y&lt;t&gt; too, or -1. */
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

  /** Where a state begins in the hidden state of a sequence. */
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
