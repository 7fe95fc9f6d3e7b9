package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Fingerprinted;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A graph that takes x&lt;t&gt; and the states of step t-1, and returns y&lt;t&gt; of each head and
 * the states of step t.
 *
 * @param file the name of the file in errors
 * @param bytes the bytes of the whole model, with the data of other files in it
 * @param inputs the inputs for parts of x&lt;t&gt;; one, if x&lt;t&gt; is a word
 * @param sample x&lt;t&gt; for the trial; the id of a word, if x&lt;t&gt; is one
 * @param constants the inputs that are the same in each step
 * @param heads the names of the outputs that are y&lt;t&gt; of each head
 * @param states the states, in the order of the inputs of the graph
 * @param hidden the index of the state of floats that holds the top layer's a&lt;t&gt;; -1 for none
 * @param operators a phrase for the operators
 * @param multiplyAdds the multiply-adds of a step with constant matrices
 */
@Internal
public record StepGraph(
    String file,
    byte[] bytes,
    List<Input> inputs,
    int[] sample,
    List<Constant> constants,
    List<String> heads,
    List<State> states,
    int hidden,
    String operators,
    long multiplyAdds)
    implements Fingerprinted {

  /**
   * An input for a part of x&lt;t&gt;.
   *
   * @param shape all its dimensions
   * @param spans the numbers of x&lt;t&gt; that it takes, in order; empty if it takes the id of a
   *     word
   */
  public record Input(String name, StepType type, long[] shape, List<Span> spans) {
    /** Whether the input takes the id of a word. */
    public boolean takesWord() {
      return spans.isEmpty();
    }
  }

  /** Consecutive numbers of x&lt;t&gt;. */
  public record Span(int from, int length) {}

  /**
   * An input that is the same in each step.
   *
   * @param words its numbers in row-major order, as the words of {@link StepType}
   */
  public record Constant(String name, StepType type, long[] shape, float[] words) {}

  /**
   * One state tensor.
   *
   * @param input the input of the graph for the state after step t-1
   * @param output the output of the graph for the state after step t
   * @param initial the numbers before the first token, in row-major order, as the words of {@link
   *     StepType}
   */
  public record State(String input, String output, StepType type, long[] shape, float[] initial) {
    /** The number of words. */
    int size() {
      return initial.length;
    }

    /** The size of the last dimension: the units of one layer. */
    int units() {
      return shape.length == 0 ? 1 : (int) shape[shape.length - 1];
    }
  }

  // Which part of the file is the head is unknown, so all bytes count.
  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("onnx").add(bytes);
    for (State state : states) {
      fingerprint.add(state.input()).add(state.output()).add(state.initial());
    }
    for (Constant constant : constants) {
      fingerprint.add("constant").add(constant.name()).add(constant.type().toString());
      for (long size : constant.shape()) {
        fingerprint.add((double) size);
      }
      fingerprint.add(constant.words());
    }
    if (inputs.stream().mapToInt(input -> input.spans().size()).sum() > 1) {
      for (Input input : inputs) { // else one input takes x<t> as it is
        fingerprint.add("input").add(input.name());
        for (Span span : input.spans()) {
          fingerprint.add(span.from()).add(span.length());
        }
      }
    }
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    heads.forEach(fingerprint::add);
  }

  /** A copy without the bytes of the file, because the session has its own copy. */
  StepGraph withoutBytes() {
    return new StepGraph(
        file,
        new byte[0],
        inputs,
        sample,
        constants,
        heads,
        states,
        hidden,
        operators,
        multiplyAdds);
  }

  /** Whether x&lt;t&gt; is the id of a word. */
  boolean takesWord() {
    return inputs.get(0).takesWord();
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
