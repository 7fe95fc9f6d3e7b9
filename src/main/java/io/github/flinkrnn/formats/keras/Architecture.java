package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.keras.LayerSpec.Source;
import io.github.flinkrnn.formats.keras.ModelGraph.Output;
import io.github.flinkrnn.formats.keras.ModelGraph.Vertex;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the JSON description of a Keras model: Sequential or Functional, with models inside it.
 * Layers without an effect on inference, such as Dropout, are left out. A layer that is unknown, or
 * that would give other results than in Keras, is not supported.
 */
final class Architecture {
  // Models in models may be called several times each, so that a small file is a large network.
  static final int MAX_LAYERS = 10_000;
  private static final Set<String> MODELS = Set.of("Sequential", "Functional", "Model");

  private final String file;
  private final String where;
  private final LayerReader reader;
  private final List<Vertex> vertices = new ArrayList<>();
  private JsonNode shape; // of the input, [batch, time, …], from the first layer that has it
  private int[] reshaped; // [time, features] of a first layer Reshape; null for none
  private boolean carries; // whether a recurrent layer keeps its state between windows
  private int calls;

  private Architecture(String file, String where, String version) {
    this.file = file;
    this.where = where;
    this.reader = new LayerReader(new KerasActivations(version));
  }

  /**
   * What a layer passes on.
   *
   * @param hasTime whether it is of all steps; otherwise of the last one
   * @param isMasked whether it knows which tokens are padding
   */
  record Wire(int vertex, boolean hasTime, boolean isMasked) {}

  /**
   * A model, or a model in it.
   *
   * @param groups the path to its layers in Keras 3
   * @param outer the layer of the outermost model that it is in; null for that model
   */
  record Scope(String groups, String outer) {
    Source source(String group, String name) {
      String path = groups + "/" + group;
      return outer == null
          ? new Source(path, name, "", 0, false)
          : new Source(path, outer, name, 0, false);
    }
  }

  /** An output with a name. */
  record Named(String name, Wire wire) {}

  /**
   * Reads the description.
   *
   * @param where the part of the file that holds the JSON; empty for the whole file
   * @param version of Keras; empty if it is not known
   */
  static ModelGraph parse(String file, String where, JsonNode json, String version) {
    return new Architecture(file, where, version).read(json);
  }

  private ModelGraph read(JsonNode model) {
    JsonObject top = new JsonObject(file, where, model);
    vertices.add(new Vertex(null, List.of(), false));
    if (!MODELS.contains(top.text("class_name"))) {
      throw top.invalid("", "expected Sequential or Functional, found " + top.text("class_name"));
    }
    List<Named> ends = model(top, new Scope("@", null), List.of(new Wire(0, true, false)));
    boolean ofWords =
        vertices.stream()
            .anyMatch(v -> v.spec() != null && v.spec().kind() instanceof LayerSpec.Embedding);
    if (shape == null) {
      JsonNode built = model.path("config").path("build_input_shape");
      shape = built.isArray() ? built : model.path("build_config").path("input_shape");
    }
    List<Output> outputs = new ArrayList<>();
    for (Named end : ends) {
      outputs.add(new Output(end.name(), end.wire().vertex()));
    }
    return new ModelGraph(vertices, outputs, inputSize(ofWords), steps(ofWords))
        .withJoinedActivations();
  }

  /** The shape is [batch, time, features], or [batch, time] for words; null means not fixed. */
  private int steps(boolean ofWords) {
    if (carries) {
      return 0;
    }
    if (reshaped != null) {
      return Math.max(0, reshaped[0]);
    }
    boolean hasTime = shape.size() == (ofWords ? 2 : 3);
    return hasTime && shape.get(1).isInt() ? shape.get(1).intValue() : 0;
  }

  private int inputSize(boolean ofWords) {
    int size = 0;
    if (reshaped != null) {
      size = reshaped[1];
    } else if (!ofWords && shape.size() == 3 && shape.get(2).isInt()) {
      size = shape.get(2).intValue();
    }
    return size > 0 && size <= JsonObject.MAX_UNITS ? size : 0;
  }

  private void see(JsonNode config) {
    for (String field : List.of("batch_shape", "batch_input_shape", "shape")) {
      if (shape == null && config.path(field).isArray()) {
        shape = config.path(field);
      }
    }
    // Keras 2 may have the axes of batch and time the other way round.
    carries |= config.path("stateful").asBoolean(false);
    carries |= config.path("time_major").asBoolean(false);
  }

  /** The outputs of a model that takes these inputs. */
  private List<Named> model(JsonObject model, Scope scope, List<Wire> inputs) {
    if (model.text("class_name").equals("Sequential")) {
      return sequential(model, scope, inputs);
    }
    JsonObject config = model.object("config", model.place());
    return new FunctionalModel(this, config, layers("layers", config), scope).outputs(inputs);
  }

  private List<Named> sequential(JsonObject model, Scope scope, List<Wire> inputs) {
    boolean isList = model.node().path("config").isArray(); // as Keras before 2.2.3 wrote it
    JsonObject config = isList ? model : model.object("config", model.place());
    GroupNames groups = new GroupNames();
    List<Wire> wires = inputs;
    String last = "";
    if (inputs.size() != 1) {
      throw model.invalid("", "expected one input, found " + inputs.size());
    }
    for (JsonObject layer : layers(isList ? "config" : "layers", config)) {
      last = layer.layerName();
      wires = call(layer, scope, groups.next(layer.text("class_name")), wires.subList(0, 1), null);
    }
    return List.of(new Named(last, wires.get(0)));
  }

  private List<JsonObject> layers(String field, JsonObject config) {
    JsonNode layers = config.node().path(field);
    String within = where.isEmpty() ? "" : where + ": ";
    if (!layers.isArray() || layers.isEmpty()) {
      throw new InvalidFileException(file, within + "config.layers", "expected an array of layers");
    }
    List<JsonObject> list = new ArrayList<>();
    for (JsonNode layer : layers) {
      list.add(new JsonObject(file, within + "layer", layer));
    }
    return list;
  }

  /**
   * What a layer gives.
   *
   * @param group the name of its group in Keras 3
   * @param node the call in a Functional model; null in a Sequential one
   */
  List<Wire> call(JsonObject layer, Scope scope, String group, List<Wire> inputs, JsonNode node) {
    if (++calls > MAX_LAYERS) {
      throw new InvalidFileException(
          file, where, "expected at most " + MAX_LAYERS + " layers, found more");
    }
    String className = layer.text("class_name");
    String name = layer.layerName();
    String place = layer.place() + " '" + name + "' (" + className + ")";
    requireBuiltIn(layer.node(), className, layer.at(place));
    JsonObject config = layer.object("config", place);
    see(config.node());
    if (className.equals("Bidirectional")) {
      see(config.node().path("layer").path("config"));
    }
    if (MODELS.contains(className)) {
      Scope inner =
          new Scope(
              scope.groups() + "/" + group + "/@", scope.outer() == null ? name : scope.outer());
      return model(layer.at(place), inner, inputs).stream().map(Named::wire).toList();
    }
    String inside = config.node().path("layer").path("class_name").asString("");
    if (className.equals("TimeDistributed") && MODELS.contains(inside) && inputs.size() == 1) {
      return List.of(timeDistributed(config, scope, group, name, inputs.get(0)));
    }
    if (MergeLayers.isMerge(className)) {
      return List.of(merge(className, config, inputs, node));
    }
    if (inputs.size() != 1) {
      throw config.invalid(
          "", "expected one input, and no initial state, found " + inputs.size() + " inputs");
    }
    Wire in = inputs.get(0);
    if (className.equals("GetItem")) {
      MergeLayers.expectLastStep(config, node, in.hasTime());
      return List.of(new Wire(in.vertex(), false, in.isMasked()));
    }
    if (in.vertex() == 0 && isReshapeOfWindow(className, config.node())) {
      return List.of(in);
    }
    LayerReader.Read read = reader.read(className, config, scope.source(group, name), in.hasTime());
    Wire out = in;
    for (LayerSpec spec : read.specs()) {
      out = add(spec, List.of(out), read.hasTime());
    }
    out = new Wire(out.vertex(), read.hasTime(), out.isMasked());
    boolean hasState = config.flag("return_state").orElse(false) && read.specs().size() == 1;
    return hasState ? List.of(out, new Wire(out.vertex(), false, false)) : List.of(out);
  }

  /** A model that takes one token at a time. */
  private Wire timeDistributed(JsonObject config, Scope scope, String group, String name, Wire in) {
    LayerReader.expectSequence(config, in.hasTime());
    JsonObject model = config.object("layer", config.place());
    Scope inner =
        new Scope(
            scope.groups() + "/" + group + "/layer/@",
            scope.outer() == null ? name : scope.outer());
    List<Named> outputs = model(model, inner, List.of(new Wire(in.vertex(), false, in.isMasked())));
    if (outputs.size() != 1) {
      throw config.invalid("", "expected a model with one output, found " + outputs.size());
    }
    Wire out = outputs.get(0).wire();
    return new Wire(out.vertex(), true, out.isMasked());
  }

  /** A window of numbers that becomes [time, features] is the same tokens. */
  private boolean isReshapeOfWindow(String className, JsonNode config) {
    JsonNode target = config.path("target_shape");
    boolean isWindow =
        className.equals("Reshape")
            && shape != null
            && shape.size() == 2
            && target.size() == 2
            && target.get(0).isInt()
            && target.get(1).isInt()
            && target.get(1).intValue() > 0;
    if (isWindow) {
      int features = target.get(1).intValue();
      int all = shape.get(1).asInt(0);
      reshaped = new int[] {all > 0 ? all / features : target.get(0).intValue(), features};
    }
    return isWindow;
  }

  private Wire merge(String className, JsonObject config, List<Wire> inputs, JsonNode node) {
    if (inputs.isEmpty()) {
      throw config.invalid("", "expected at least one input, found none");
    }
    for (Wire in : inputs) {
      if (in.hasTime() != inputs.get(0).hasTime()) {
        throw config.invalid(
            "", "expected inputs of the same steps, found all steps and only the last one");
      }
    }
    boolean hasTime = inputs.get(0).hasTime();
    return add(MergeLayers.read(className, config, inputs.size(), node, hasTime), inputs, hasTime);
  }

  private Wire add(LayerSpec spec, List<Wire> inputs, boolean hasTime) {
    boolean isMasked = inputs.stream().anyMatch(Wire::isMasked);
    vertices.add(new Vertex(spec, inputs.stream().map(Wire::vertex).toList(), isMasked));
    // A convolution drops the mask.
    boolean passes = isMasked && !(spec.kind() instanceof LayerSpec.Conv);
    boolean begins =
        spec.kind() instanceof LayerSpec.Masking
            || (spec.kind() instanceof LayerSpec.Embedding embedding && embedding.skipsZero());
    return new Wire(vertices.size() - 1, hasTime, passes || begins);
  }

  static void requireBuiltIn(JsonNode layer, String className, JsonObject place) {
    String module = layer.path("module").asString("keras");
    String registered = layer.path("registered_name").asString(className);
    boolean isKeras = module.matches("(tf_)?keras(\\..*)?");
    if (!isKeras || !(registered.isEmpty() || registered.equals(className))) {
      throw place.invalid(
          "",
          "expected a layer of Keras, found the custom class "
              + registered
              + ", whose code is not in the file; use layers of Keras, or export a step graph"
              + " (docs/ONNX.md)");
    }
  }
}
