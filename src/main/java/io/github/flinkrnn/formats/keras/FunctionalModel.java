package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.keras.Architecture.Named;
import io.github.flinkrnn.formats.keras.Architecture.Scope;
import io.github.flinkrnn.formats.keras.Architecture.Wire;
import io.github.flinkrnn.formats.keras.InboundNodes.Ref;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The calls of a Functional model, from its outputs back to its inputs. Without recursion, because
 * a file may have a chain of thousands of layers.
 */
final class FunctionalModel {
  private static final int MAX_OUTPUTS = 1000;
  private static final Set<String> OF_MASKS = Set.of("NotEqual", "Any");

  private final Architecture architecture;
  private final JsonObject config;
  private final Scope scope;
  private final Map<String, JsonObject> layers = new LinkedHashMap<>();
  private final Map<String, String> groups = new HashMap<>();
  private final Map<Call, List<Wire>> done = new HashMap<>();
  private final Set<Call> begun = new HashSet<>();
  private final Set<String> names = new HashSet<>(); // of the outputs

  private record Call(String layer, int index) {}

  /** A call and its inputs, of which {@code next} are done. */
  private static final class Frame {
    private final Call call;
    private final List<Ref> inputs;
    private int next;

    Frame(Call call, List<Ref> inputs) {
      this.call = call;
      this.inputs = inputs;
    }
  }

  FunctionalModel(
      Architecture architecture, JsonObject config, List<JsonObject> listed, Scope scope) {
    this.architecture = architecture;
    this.config = config;
    this.scope = scope;
    GroupNames numbers = new GroupNames();
    for (JsonObject layer : listed) {
      String name = layer.layerName();
      if (layers.put(name, layer) != null) {
        throw config.invalid("layers", "expected one layer of the name '" + name + "', found two");
      }
      groups.put(name, numbers.next(layer.text("class_name")));
    }
  }

  List<Named> outputs(List<Wire> inputs) {
    List<Ref> ins = InboundNodes.inputs(config.node().path("input_layers"));
    if (ins.size() != inputs.size()) {
      throw config.invalid(
          "input_layers",
          "expected "
              + (inputs.size() == 1 ? "one input" : inputs.size() + " inputs")
              + ", found "
              + ins.size()
              + (ins.isEmpty() ? "" : ": " + names(ins))
              + (inputs.size() == 1 && ins.size() > 1
                  ? "; concatenate them before the model, or export a step graph (docs/ONNX.md)"
                  : ""));
    }
    for (int i = 0; i < ins.size(); i++) {
      JsonObject layer = layer(ins.get(i), "input_layers");
      if (!layer.text("class_name").equals("InputLayer")) {
        throw config.invalid(
            "input_layers", "expected an InputLayer, found layer '" + ins.get(i).layer() + "'");
      }
      done.put(
          new Call(ins.get(i).layer(), 0),
          architecture.call(layer, scope, "", List.of(inputs.get(i)), null));
    }
    List<Named> outputs = new ArrayList<>();
    JsonNode said = config.node().path("output_layers");
    if (said.isObject()) {
      said.propertyStream().forEach(field -> addOutputs(field.getKey(), field.getValue(), outputs));
    } else {
      addOutputs("", said, outputs);
    }
    if (outputs.isEmpty()) {
      throw config.invalid("output_layers", "expected at least one output, found none");
    }
    return outputs;
  }

  private static String names(List<Ref> refs) {
    return refs.stream().map(Ref::layer).collect(Collectors.joining(", "));
  }

  private void addOutputs(String name, JsonNode said, List<Named> outputs) {
    for (Ref ref : InboundNodes.inputs(said)) {
      Wire wire = wire(ref);
      String unique = name.isEmpty() ? ref.layer() : name;
      for (int i = 1; !names.add(unique); i++) {
        unique = (name.isEmpty() ? ref.layer() : name) + "_" + i;
      }
      outputs.add(new Named(unique, wire));
      if (outputs.size() > MAX_OUTPUTS) {
        throw config.invalid(
            "output_layers", "expected at most " + MAX_OUTPUTS + " outputs, found more");
      }
    }
  }

  private JsonObject layer(Ref ref, String field) {
    JsonObject layer = layers.get(ref.layer());
    if (layer == null) {
      throw config.invalid(field, "expected the name of a layer, found '" + ref.layer() + "'");
    }
    return layer;
  }

  /** What an output of a layer is. */
  private Wire wire(Ref ref) {
    Call call = call(ref, "output_layers");
    Deque<Frame> stack = new ArrayDeque<>();
    begin(call, stack);
    while (!stack.isEmpty()) {
      Frame frame = stack.peek();
      if (frame.next < frame.inputs.size()) {
        begin(call(frame.inputs.get(frame.next++), "inbound_nodes"), stack);
      } else {
        stack.pop();
        finish(frame);
      }
    }
    return output(ref, call);
  }

  private void begin(Call call, Deque<Frame> stack) {
    if (done.containsKey(call)) {
      return;
    }
    if (!begun.add(call)) {
      throw config.invalid(
          "layers",
          "expected no cycle, found layer '" + call.layer() + "' that takes its own output");
    }
    JsonNode node = node(call);
    if (node.isMissingNode()) {
      throw config.invalid("layers", "expected inputs of layer '" + call.layer() + "', found none");
    }
    stack.push(new Frame(call, InboundNodes.inputs(node)));
  }

  private void finish(Frame frame) {
    List<Wire> inputs = new ArrayList<>();
    for (Ref ref : frame.inputs) {
      inputs.add(output(ref, call(ref, "inbound_nodes")));
    }
    JsonObject layer = layers.get(frame.call.layer());
    JsonNode node = node(frame.call);
    for (Ref mask : InboundNodes.masks(node)) {
      String made = layer(mask, "inbound_nodes").text("class_name");
      boolean ofKeras =
          OF_MASKS.contains(made) || made.equals("Masking") || made.equals("Embedding");
      if (!ofKeras || inputs.stream().noneMatch(Wire::isMasked)) {
        throw config.invalid(
            "layers",
            "expected only masks of Masking and Embedding, found layer '"
                + frame.call.layer()
                + "' with the mask of '"
                + mask.layer()
                + "'");
      }
    }
    String group = groups.get(frame.call.layer());
    done.put(frame.call, architecture.call(layer, scope, group, inputs, node));
  }

  private Wire output(Ref ref, Call call) {
    List<Wire> outputs = done.get(call);
    if (ref.tensor() < 0 || ref.tensor() >= outputs.size()) {
      throw config.invalid(
          "layers",
          "expected output 0 of layer '"
              + ref.layer()
              + "', found output "
              + ref.tensor()
              + ", which is not supported");
    }
    return outputs.get(ref.tensor());
  }

  /** The only call of a layer has any index, because calls outside of the model count too. */
  private Call call(Ref ref, String field) {
    JsonNode calls = layer(ref, field).node().path("inbound_nodes");
    return new Call(ref.layer(), calls.size() <= 1 ? 0 : ref.call());
  }

  private JsonNode node(Call call) {
    return layers.get(call.layer()).node().path("inbound_nodes").path(call.index());
  }
}
