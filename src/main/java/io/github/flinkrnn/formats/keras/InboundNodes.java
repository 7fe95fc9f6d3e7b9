package io.github.flinkrnn.formats.keras;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The inputs of a call of a layer, in {@code inbound_nodes}. Keras 3 writes them as {@code
 * "keras_history": [layer, node, tensor]} in the arguments, Keras 2 as {@code [layer, node, tensor,
 * {}]} and, by name, in the last object.
 */
final class InboundNodes {
  private static final String MASK = "mask";

  private InboundNodes() {}

  /**
   * An output of a call.
   *
   * @param call the index of the call, because a layer may be called several times
   * @param tensor the index of the output
   */
  record Ref(String layer, int call, int tensor) {}

  /** All inputs but masks, in their order. */
  static List<Ref> inputs(JsonNode call) {
    List<Ref> refs = new ArrayList<>();
    collect(call, refs, false);
    return refs;
  }

  /** The masks, which Keras 3 writes too. */
  static List<Ref> masks(JsonNode call) {
    List<Ref> refs = new ArrayList<>();
    collect(call, refs, true);
    return refs;
  }

  /** Every reference within a node, such as a list of outputs. The parser bounds the depth. */
  private static void collect(JsonNode node, List<Ref> refs, boolean masks) {
    Ref ref = ref(node);
    if (ref != null && !masks) {
      refs.add(ref);
    }
    if (node.isObject()) {
      node.propertyStream()
          .forEach(
              field -> {
                if (!field.getKey().equals(MASK)) {
                  collect(field.getValue(), refs, masks);
                } else if (masks) {
                  collect(field.getValue(), refs, false);
                }
              });
    } else {
      node.forEach(child -> collect(child, refs, masks));
    }
  }

  /** The reference that a node is; null if it is none. */
  static Ref ref(JsonNode node) {
    boolean isReference =
        node.isArray()
            && node.size() >= 3
            && node.get(0).isString()
            && node.get(1).isInt()
            && node.get(2).isInt();
    return isReference
        ? new Ref(node.get(0).stringValue(), node.get(1).intValue(), node.get(2).intValue())
        : null;
  }
}
