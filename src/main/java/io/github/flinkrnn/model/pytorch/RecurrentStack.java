package io.github.flinkrnn.model.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The recurrent layers in a state_dict, bottom first. A module nn.RNN, nn.GRU or nn.LSTM has
 * tensors {@code PREFIXweight_ih_l0}, {@code PREFIXweight_ih_l1} and so on, a module RNNCell,
 * GRUCell or LSTMCell has {@code PREFIXweight_ih}; PREFIX is whatever the user's module called it.
 * Several modules are taken one above the other, in the order in which their sizes fit.
 */
final class RecurrentStack {
  private static final Pattern NAME =
      Pattern.compile("(.*?)(weight|bias)_(ih|hh|hr)(?:_l(\\d{1,4}))?(_reverse)?", Pattern.DOTALL);

  private record Module(String prefix, List<LayerTensors> layers) {
    String name() {
      return withoutDot(prefix);
    }

    int inputSize() {
      return layers.get(0).inputSize();
    }

    int outputSize() {
      return layers.get(layers.size() - 1).outputSize();
    }
  }

  private final String file;
  private final Map<String, Tensor> tensors;
  private final List<String> used = new ArrayList<>();

  private RecurrentStack(String file, Map<String, Tensor> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Finds the layers.
   *
   * @param order the modules' prefixes, bottom first, where the user says so; else empty
   */
  static List<LayerTensors> find(String file, Map<String, Tensor> tensors, List<String> order) {
    return new RecurrentStack(file, tensors).find(order);
  }

  /** Whether a name is of a recurrent layer. */
  static boolean isRecurrent(String tensor) {
    return NAME.matcher(tensor).matches();
  }

  private List<LayerTensors> find(List<String> order) {
    Set<String> prefixes = new TreeSet<>(Names.NATURAL);
    for (String name : tensors.keySet()) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        if (matcher.group(5) != null) {
          throw invalid(
              name, "is of a bidirectional network, which reads tokens that have yet to come");
        }
        prefixes.add(matcher.group(1));
      }
    }
    if (prefixes.isEmpty()) {
      throw new InvalidFileException(
          file, "", "holds no recurrent layer: expected tensors like rnn.weight_ih_l0");
    }
    List<Module> modules = prefixes.stream().map(this::module).collect(Collectors.toList());
    for (String name : tensors.keySet()) {
      if (isRecurrent(name) && !used.contains(name)) {
        throw invalid(name, "fits no layer: the layers end with " + used.get(used.size() - 1));
      }
    }
    List<LayerTensors> layers = new ArrayList<>();
    inOrder(modules, order).forEach(module -> layers.addAll(module.layers()));
    return layers;
  }

  private List<Module> inOrder(List<Module> modules, List<String> asked) {
    // A prefix may be said without its last dot.
    List<String> order = asked.stream().map(RecurrentStack::withoutDot).toList();
    List<String> names = modules.stream().map(Module::name).toList();
    String found = "holds recurrent modules " + list(modules);
    if (!order.isEmpty() && !(order.size() == names.size() && order.containsAll(names))) {
      String unknown = order.stream().filter(n -> !names.contains(n)).findFirst().orElse("");
      String said = ", recurrent in config.json names [" + String.join(", ", asked) + "]";
      throw new InvalidFileException(file, "", found + said + Nearest.hint(unknown, names));
    }
    List<List<Module>> orders = Names.orders(modules, Module::name, order, RecurrentStack::isChain);
    if (orders.size() == 1) {
      return orders.get(0);
    }
    if (orders.isEmpty() && order.isEmpty() && modules.size() > Names.MOST) {
      throw new InvalidFileException(
          file, "", found + " in no order that their numbers tell; say in config.json recurrent");
    }
    if (orders.isEmpty()) {
      String said = order.isEmpty() ? "" : " in the order that recurrent in config.json says";
      throw new InvalidFileException(
          file, "", found + ", expected each to take what the one before puts out" + said);
    }
    String ways = orders.stream().map(RecurrentStack::list).collect(Collectors.joining(" or "));
    throw new InvalidFileException(
        file,
        "",
        found + " that fit in more than one order; say in config.json recurrent: " + ways);
  }

  private static boolean isChain(List<Module> modules) {
    for (int i = 1; i < modules.size(); i++) {
      if (modules.get(i).inputSize() != modules.get(i - 1).outputSize()) {
        return false;
      }
    }
    return true;
  }

  private static String list(List<Module> modules) {
    return modules.stream().map(Module::name).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String withoutDot(String prefix) {
    return prefix.replaceFirst("\\.$", "");
  }

  private Module module(String prefix) {
    List<LayerTensors> layers = new ArrayList<>();
    if (tensors.containsKey(prefix + "weight_ih") || tensors.containsKey(prefix + "weight_hh")) {
      layers.add(layer(prefix, ""));
      return new Module(prefix, layers);
    }
    while (layers.isEmpty() || tensors.containsKey(prefix + "weight_ih_l" + layers.size())) {
      LayerTensors layer = layer(prefix, "_l" + layers.size());
      if (!layers.isEmpty()) {
        expectInputs(layer, layers.get(layers.size() - 1).outputSize());
      }
      layers.add(layer);
    }
    return new Module(prefix, layers);
  }

  private void expectInputs(LayerTensors layer, int inputs) {
    if (layer.inputSize() != inputs) {
      String found = Tensor.shapeText(layer.ih().shape());
      String expected = Tensor.shapeText(layer.ih().rows(), inputs);
      throw invalid(layer.ih().name(), "is " + found + ", expected " + expected);
    }
  }

  private LayerTensors layer(String prefix, String suffix) {
    Tensor hh = required(prefix + "weight_hh" + suffix, 2);
    Tensor ih = required(prefix + "weight_ih" + suffix, 2);
    String biasIh = prefix + "bias_ih" + suffix;
    String biasHh = prefix + "bias_hh" + suffix;
    String hr = prefix + "weight_hr" + suffix;
    boolean biased = tensors.containsKey(biasIh) || tensors.containsKey(biasHh);
    return new LayerTensors(
        file,
        ih,
        hh,
        biased ? required(biasIh, 1) : null,
        biased ? required(biasHh, 1) : null,
        tensors.containsKey(hr) ? required(hr, 2) : null);
  }

  private Tensor required(String name, int rank) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw invalid(name, "is missing");
    }
    if (tensor.rank() != rank) {
      String found = Tensor.shapeText(tensor.shape());
      throw invalid(name, "is " + found + ", expected " + rank + " dimensions");
    }
    used.add(name);
    return tensor;
  }

  private InvalidFileException invalid(String tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor + "'", problem);
  }
}
