package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An example of the field {@code layers}, for an error: the modules of a state_dict in an order in
 * which their sizes fit.
 */
final class ExampleLayers {
  /** One or several modules that follow each other. */
  private record Step(String name, String json, int in, int out, boolean isLinear) {}

  private ExampleLayers() {}

  /**
   * The example, after the words that introduce it; empty if no order is found.
   *
   * @param cells the recurrent layers, first layer first
   * @param others the tensors that are not recurrent
   * @param words the size of the vocabulary; 0 for features
   */
  static String of(List<LayerTensors> cells, List<Tensor> others, int words) {
    int in = cells.get(0).inputSize();
    int out = cells.get(cells.size() - 1).outputSize();
    Set<String> recurrent = new LinkedHashSet<>();
    cells.forEach(cell -> recurrent.add('"' + ModulePaths.module(cell.hh().name()) + '"'));
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("", String.join(", ", recurrent), in, out, false));
    Map<String, Map<String, Tensor>> modules = ModulePaths.byModule(others);
    boolean embedded = false;
    for (Map.Entry<String, Map<String, Tensor>> module : modules.entrySet()) {
      Tensor weight =
          module.getValue().getOrDefault("weight", module.getValue().get("running_mean"));
      if (weight == null || weight.rank() == 0 || weight.rank() > 3) {
        return "";
      }
      if (words > 0 && !embedded && weight.hasShape(words, in)) {
        embedded = true; // not listed
      } else {
        steps.add(step(module.getKey(), weight, module.getValue().size() == 1));
      }
    }
    if (steps.size() > Names.MOST || recurrent.contains("\"\"") || modules.containsKey("")) {
      return "";
    }
    List<List<Step>> orders = Names.orders(steps, Step::name, List.of(), ExampleLayers::fits);
    return orders.isEmpty() ? "" : ", such as " + json(orders.get(0));
  }

  private static Step step(String name, Tensor weight, boolean bare) {
    int[] shape = weight.shape();
    String json = '"' + name + '"';
    if (weight.rank() == 1) {
      String norm = bare ? "{\"module\": " + json + ", \"type\": \"rms_norm\"}" : json;
      return new Step(name, norm, shape[0], shape[0], false);
    }
    return new Step(name, json, shape[1], shape[0], weight.rank() == 2);
  }

  private static boolean fits(List<Step> order) {
    for (int i = 1; i < order.size(); i++) {
      if (order.get(i).in() != order.get(i - 1).out()) {
        return false;
      }
    }
    return true;
  }

  private static String json(List<Step> order) {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      elements.add(order.get(i).json());
      if (order.get(i).isLinear() && i + 1 < order.size()) {
        elements.add("\"relu\"");
      }
    }
    return "\"layers\": [" + String.join(", ", elements) + "]";
  }
}
