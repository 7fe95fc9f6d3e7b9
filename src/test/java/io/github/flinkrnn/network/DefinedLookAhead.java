package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The outputs of layers with a bounded look ahead, by their definition: each position on its own,
 * from all inputs of the sequence, one step after another.
 *
 * @param layers bottom first; of features
 * @param look how many positions each bidirectional layer looks ahead
 */
record DefinedLookAhead(List<? extends Layer> layers, int look) {
  /**
   * The outputs of the top layer for all positions.
   *
   * @param ends for each position, the last one that it may depend on
   */
  List<float[]> outputs(List<float[]> inputs, int[] ends) {
    List<float[]> outputs = inputs;
    for (Layer layer : layers) {
      outputs =
          layer instanceof Bidirectional both
              ? bidirectional(both, outputs, ends)
              : states(layer, outputs).stream().toList();
    }
    return outputs;
  }

  private List<float[]> bidirectional(Bidirectional layer, List<float[]> inputs, int[] ends) {
    List<float[]> forward = layer.forward() == null ? null : states(layer.forward(), inputs);
    List<float[]> outputs = new ArrayList<>();
    for (int t = 0; t < inputs.size(); t++) {
      List<float[]> future = new ArrayList<>();
      for (long p = Math.min((long) t + look, ends[t]); p >= t; p--) {
        future.add(inputs.get((int) p));
      }
      List<float[]> backward = states(layer.backward(), future);
      float[] last = backward.get(backward.size() - 1);
      outputs.add(forward == null ? last : joined(layer.join(), forward.get(t), last));
    }
    if (!layer.readsFinal()) {
      return outputs;
    }
    float[] first = layer.forward() == null ? null : forward.get(inputs.size() - 1);
    List<float[]> reversed = new ArrayList<>(inputs);
    Collections.reverse(reversed);
    float[] last = states(layer.backward(), reversed).get(inputs.size() - 1);
    return List.of(first == null ? last : joined(layer.join(), first, last));
  }

  /** The outputs of a layer that reads from the first input on. */
  private static List<float[]> states(Layer layer, List<float[]> inputs) {
    Layer.Stepper stepper = layer.stepper();
    float[] state = new float[layer.stateSize()];
    List<float[]> outputs = new ArrayList<>();
    for (float[] x : inputs) {
      float[] next = new float[state.length];
      float[] y = layer.keepsOutput() ? next : new float[layer.outputSize()];
      stepper.step(x, 0, state, next, 0, y, 0);
      state = next;
      outputs.add(Arrays.copyOf(y, layer.outputSize()));
    }
    return outputs;
  }

  private static float[] joined(Join join, float[] forward, float[] backward) {
    int size = forward.length + (join == Join.CONCATENATE ? backward.length : 0);
    float[] joined = Arrays.copyOf(forward, size);
    if (join == Join.CONCATENATE) {
      System.arraycopy(backward, 0, joined, forward.length, backward.length);
      return joined;
    }
    for (int i = 0; i < size; i++) {
      joined[i] =
          switch (join) {
            case ADD -> forward[i] + backward[i];
            case MULTIPLY -> forward[i] * backward[i];
            case AVERAGE -> (forward[i] + backward[i]) / 2;
            default -> throw new IllegalArgumentException(join.name());
          };
    }
    return joined;
  }
}
