package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.keras.LayerSpec.Activate;
import io.github.flinkrnn.formats.keras.LayerSpec.Dense;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers of a model and how they are connected.
 *
 * @param vertices each takes vertices before it; vertex 0, the input, has no layer
 * @param outputs the outputs of the model, each of which is a head
 * @param inputSize the length of x&lt;t&gt;; 0 if the architecture does not define it
 * @param steps the sequence length that the model fixes; 0 for none
 */
record ModelGraph(List<Vertex> vertices, List<Output> outputs, int inputSize, int steps) {
  /**
   * A layer that is called.
   *
   * @param spec null for the input
   * @param inputs the indices of the vertices that it takes
   * @param isMasked whether the layer knows which tokens are padding
   */
  record Vertex(LayerSpec spec, List<Integer> inputs, boolean isMasked) {}

  /**
   * An output of the model.
   *
   * @param name the name of its layer in Keras
   */
  record Output(String name, int vertex) {}

  /** Layers above each other, as weights without an architecture have them. */
  static ModelGraph chain(List<LayerSpec> specs) {
    List<Vertex> vertices = new ArrayList<>(List.of(new Vertex(null, List.of(), false)));
    for (LayerSpec spec : specs) {
      vertices.add(new Vertex(spec, List.of(vertices.size() - 1), false));
    }
    return new ModelGraph(vertices, List.of(new Output("", vertices.size() - 1)), 0, 0);
  }

  /** After a linear Dense, an Activation layer has the effect of its option activation. */
  ModelGraph withJoinedActivations() {
    int[] uses = new int[vertices.size()];
    vertices.forEach(vertex -> vertex.inputs().forEach(input -> uses[input]++));
    outputs.forEach(output -> uses[output.vertex()]++);
    int[] moved = new int[vertices.size()];
    List<Vertex> kept = new ArrayList<>();
    for (int v = 0; v < moved.length; v++) {
      Vertex vertex = vertices.get(v);
      int below = vertex.inputs().isEmpty() ? 0 : moved[vertex.inputs().get(0)];
      LayerSpec before = kept.isEmpty() ? null : kept.get(below).spec();
      if (vertex.spec() != null
          && vertex.spec().kind() instanceof Activate activate
          && before != null
          && before.kind() instanceof Dense dense
          && dense.act().isLinear()
          && uses[vertex.inputs().get(0)] == 1) {
        LayerSpec joined = before.withAct(activate.act());
        kept.set(below, new Vertex(joined, kept.get(below).inputs(), kept.get(below).isMasked()));
        moved[v] = below;
      } else {
        List<Integer> inputs = vertex.inputs().stream().map(input -> moved[input]).toList();
        moved[v] = kept.size();
        kept.add(new Vertex(vertex.spec(), inputs, vertex.isMasked()));
      }
    }
    List<Output> ends = outputs.stream().map(o -> new Output(o.name(), moved[o.vertex()])).toList();
    return new ModelGraph(kept, ends, inputSize, steps);
  }
}
