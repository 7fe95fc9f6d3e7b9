package io.github.flinkrnn.formats.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Finds by name which output of a step graph is which input of the next step. The names must be
 * equal apart from prefixes and suffixes that exporters add, as in {@code h, h_out}, {@code h0, hn}
 * and {@code past_c, present_c}. The pairing must be certain: one output for an input, one input
 * for an output, one type, and shapes that fit. What the graph does with a state does not matter.
 */
final class StatePairs {
  private static final List<String> BEFORE_INPUTS =
      List.of("in_", "input_", "prev_", "previous_", "past_", "old_", "init_", "initial_");
  private static final List<String> BEHIND_INPUTS =
      List.of("_in", "_input", "_prev", "_previous", "_old", "_init", "_initial", "_0", "0");
  private static final List<String> BEFORE_OUTPUTS =
      List.of("out_", "output_", "next_", "present_", "new_", "final_", "last_");
  private static final List<String> BEHIND_OUTPUTS =
      List.of("_out", "_output", "_next", "_new", "_final", "_last", "_n", "n", "_1", "1");

  static final String PAIR_THEM =
      "; ONNX Runtime can run it as a step graph if its states are paired: by name, as h and h_out,"
          + " or by state: {IN: OUT} in config.json";
  static final String NO_STATE =
      "; ONNX Runtime can run a graph of one step with its states as inputs and outputs"
          + " (docs/ONNX.md), but this graph takes no states";

  private StatePairs() {}

  /** A hint for a graph whose states are not paired by name. */
  static String hint(OnnxGraph graph) {
    boolean mayHaveState =
        graph.realInputs().size() > 1
            && graph.realInputs().stream().anyMatch(input -> mayBeState(input, graph.outputs()));
    return mayHaveState ? PAIR_THEM : NO_STATE;
  }

  /** Whether one of the outputs could be the input of the next step. */
  static boolean mayBeState(ValueInfo input, Collection<ValueInfo> outputs) {
    return outputs.stream().anyMatch(output -> fit(input, output));
  }

  /** Output names by input names, in the order of the inputs. */
  static Map<String, String> byName(OnnxGraph graph) {
    return byName(graph, Set.of());
  }

  /**
   * Output names by input names, in the order of the inputs.
   *
   * @param others the inputs that are no states
   */
  static Map<String, String> byName(OnnxGraph graph, Set<String> others) {
    Map<String, List<String>> outputs = new LinkedHashMap<>();
    Map<String, Integer> takers = new LinkedHashMap<>();
    for (ValueInfo input : graph.realInputs()) {
      if (others.contains(input.name())) {
        continue;
      }
      List<String> found = new ArrayList<>();
      for (ValueInfo output : graph.outputs()) {
        if (fit(input, output) && alike(input, output)) {
          found.add(output.name());
          takers.merge(output.name(), 1, Integer::sum);
        }
      }
      outputs.put(input.name(), found);
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    outputs.forEach(
        (input, found) -> {
          if (found.size() == 1 && takers.get(found.get(0)) == 1) {
            pairs.put(input, found.get(0));
          }
        });
    return pairs;
  }

  private static boolean alike(ValueInfo input, ValueInfo output) {
    Set<String> stems = stems(input.name(), BEFORE_INPUTS, BEHIND_INPUTS);
    stems.retainAll(stems(output.name(), BEFORE_OUTPUTS, BEHIND_OUTPUTS));
    return !stems.isEmpty();
  }

  private static Set<String> stems(String name, List<String> before, List<String> behind) {
    String lower = name.toLowerCase(Locale.ROOT);
    Set<String> stems = new HashSet<>(Set.of(lower));
    for (String affix : before) {
      if (lower.startsWith(affix) && lower.length() > affix.length()) {
        stems.add(lower.substring(affix.length()));
      }
    }
    for (String affix : behind) {
      if (lower.endsWith(affix) && lower.length() > affix.length()) {
        stems.add(lower.substring(0, lower.length() - affix.length()));
      }
    }
    return stems;
  }

  /** Whether the types are equal and supported, and the shapes can be equal. */
  static boolean fit(ValueInfo input, ValueInfo output) {
    if (input.stepType() == null || input.type() != output.type()) {
      return false;
    }
    if (input.sizes() == null || output.sizes() == null) {
      return true;
    }
    if (input.sizes().length != output.sizes().length) {
      return false;
    }
    for (int i = 0; i < input.sizes().length; i++) {
      long in = input.sizes()[i];
      long out = output.sizes()[i];
      if (in != out && in != -1 && out != -1) {
        return false;
      }
    }
    return true;
  }
}
