package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The recurrent layers in a state_dict, bottom first. A module nn.RNN, nn.GRU or nn.LSTM has
 * tensors {@code PREFIXweight_ih_l0}, {@code PREFIXweight_ih_l1} and so on, a module RNNCell,
 * GRUCell or LSTMCell has {@code PREFIXweight_ih}; PREFIX is whatever the user's module called it.
 * Several modules are taken one above the other only where that is sure: their names differ in
 * nothing but numbers and they fit in the order of those, or config.json says which and in which
 * order. That the sizes of an encoder and a decoder fit does not say that one feeds the other.
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
  private final Map<String, String> integers;
  private final List<String> used = new ArrayList<>();

  private RecurrentStack(String file, Map<String, Tensor> tensors, Map<String, String> integers) {
    this.file = file;
    this.tensors = tensors;
    this.integers = integers;
  }

  /**
   * Finds the layers.
   *
   * @param integers what the tensors of whole numbers are, by name
   * @param asked the modules' prefixes, bottom first, where the user says so; the others are then
   *     left out; else empty
   */
  static List<LayerTensors> find(
      String file, Map<String, Tensor> tensors, Map<String, String> integers, List<String> asked) {
    return new RecurrentStack(file, tensors, integers).find(asked);
  }

  /** Whether a name is of a recurrent layer. */
  static boolean isRecurrent(String tensor) {
    return NAME.matcher(tensor).matches();
  }

  private List<LayerTensors> find(List<String> asked) {
    Map<String, List<String>> byPrefix = new TreeMap<>(Names.NATURAL);
    for (String name : tensors.keySet()) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        byPrefix.computeIfAbsent(matcher.group(1), prefix -> new ArrayList<>()).add(name);
      }
    }
    if (byPrefix.isEmpty()) {
      String quantized =
          integers.keySet().stream()
              .filter(RecurrentStack::isRecurrent)
              .map(name -> ", found " + name + ", " + integers.get(name))
              .findFirst()
              .orElse("");
      throw new InvalidFileException(
          file, "", "holds no recurrent layer: expected tensors like rnn.weight_ih_l0" + quantized);
    }
    if (!asked.isEmpty()) {
      leaveOut(byPrefix, asked);
    }
    List<Module> modules = new ArrayList<>();
    for (String prefix : byPrefix.keySet()) {
      byPrefix.get(prefix).forEach(this::refuseOtherDirection);
      modules.add(module(prefix));
    }
    for (List<String> names : byPrefix.values()) {
      for (String name : names) {
        if (!used.contains(name)) {
          throw invalid(name, "fits no layer: the layers end with " + used.get(used.size() - 1));
        }
      }
    }
    List<Module> stack = asked.isEmpty() ? stacked(modules) : inOrder(modules, asked);
    return stack.stream().flatMap(module -> module.layers().stream()).toList();
  }

  private void refuseOtherDirection(String tensor) {
    Matcher matcher = NAME.matcher(tensor);
    if (matcher.matches() && matcher.group(5) != null) {
      throw invalid(
          tensor, "is of a bidirectional network, which reads tokens that have yet to come");
    }
  }

  /** Keeps the modules that config.json names. */
  private void leaveOut(Map<String, List<String>> byPrefix, List<String> asked) {
    List<String> names = byPrefix.keySet().stream().map(RecurrentStack::withoutDot).toList();
    Set<String> kept = new HashSet<>();
    for (String name : asked) {
      if (!names.contains(withoutDot(name)) || !kept.add(withoutDot(name))) {
        throw new InvalidFileException(
            file,
            "",
            "holds recurrent modules "
                + list(names)
                + ", recurrent in config.json names "
                + list(asked)
                + ": expected each to be one of them, and once"
                + (kept.contains(withoutDot(name)) ? "" : Nearest.hint(name, names)));
      }
    }
    byPrefix.keySet().removeIf(prefix -> !kept.contains(withoutDot(prefix)));
  }

  private List<Module> inOrder(List<Module> modules, List<String> asked) {
    List<String> order = asked.stream().map(RecurrentStack::withoutDot).toList();
    List<Module> sorted = new ArrayList<>(modules);
    sorted.sort(Comparator.comparing(module -> order.indexOf(module.name())));
    if (!isChain(sorted)) {
      throw new InvalidFileException(
          file,
          "",
          "recurrent in config.json names "
              + list(order)
              + ", expected each to take what the one before puts out");
    }
    return sorted;
  }

  /** Without a word of the user: one module, or those whose numbers are their order. */
  private List<Module> stacked(List<Module> modules) {
    List<String> names = modules.stream().map(Module::name).toList();
    boolean numbered = Names.areNumbered(names);
    if (numbered && isChain(modules)) {
      return modules;
    }
    String problem =
        numbered
            ? "do not fit one above the other in the order of their numbers"
            : "may stand apart, as an encoder and a decoder do";
    throw new InvalidFileException(
        file,
        "",
        "holds recurrent modules "
            + list(names)
            + ", which "
            + problem
            + "; say in config.json which to read, bottom first: "
            + example(modules));
  }

  /** Values that would be read: orders of all modules that fit, and one module without the rest. */
  private static String example(List<Module> modules) {
    List<String> choices = new ArrayList<>();
    if (modules.size() <= Names.MOST) {
      Names.orders(modules, Module::name, List.of(), RecurrentStack::isChain).stream()
          .limit(2)
          .forEach(order -> choices.add(quoted(order)));
    }
    for (Module one : modules.subList(0, Math.min(2, modules.size()))) {
      List<String> others = new ArrayList<>(modules.stream().map(Module::name).toList());
      others.remove(one.name());
      choices.add(quoted(List.of(one)) + " (leaves out " + String.join(", ", others) + ")");
    }
    return "\"recurrent\": " + String.join(" or ", choices);
  }

  private static String quoted(List<Module> modules) {
    return modules.stream()
        .map(module -> '"' + module.name() + '"')
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static boolean isChain(List<Module> modules) {
    for (int i = 1; i < modules.size(); i++) {
      if (modules.get(i).inputSize() != modules.get(i - 1).outputSize()) {
        return false;
      }
    }
    return true;
  }

  private static String list(List<String> names) {
    return names.stream().collect(Collectors.joining(", ", "[", "]"));
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
      String integer = integers.get(name);
      throw invalid(name, integer == null ? "is missing" : "is " + integer + ", expected floats");
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
