package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The recurrent layers in a state_dict, bottom first. A module nn.RNN, nn.GRU or nn.LSTM has
 * tensors {@code PREFIXweight_ih_l0}, {@code PREFIXweight_ih_l1} and so on. A module RNNCell,
 * GRUCell or LSTMCell has {@code PREFIXweight_ih}. PREFIX comes from the user's module.
 *
 * <p>Several modules are stacked only if their order is certain: their names differ only in numbers
 * and the modules fit in the order of these numbers, or config.json lists them in order. Matching
 * sizes are not enough, because those of an encoder and a decoder match too.
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
   * @param integers type and shape of the integer tensors, by name
   * @param asked the prefixes of the modules to use, bottom first, from config.json; empty for all
   * @throws InvalidFileException when the tensors do not form a stack of layers
   */
  static List<LayerTensors> find(
      String file, Map<String, Tensor> tensors, Map<String, String> integers, List<String> asked) {
    return new RecurrentStack(file, tensors, integers).find(asked);
  }

  /** Whether a tensor name is that of a recurrent layer. */
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
          file,
          "",
          "missing: expected tensors of a recurrent layer, such as rnn.weight_ih_l0" + quantized);
    }
    List<String> order = asked.isEmpty() ? asked : leaveOut(byPrefix, asked);
    List<Module> modules = new ArrayList<>();
    for (String prefix : byPrefix.keySet()) {
      modules.add(module(prefix, byPrefix.get(prefix)));
    }
    for (List<String> names : byPrefix.values()) {
      for (String name : names) {
        if (!used.contains(name)) {
          String forward = name.replaceFirst(LayerTensors.REVERSE + "$", "");
          if (!tensors.containsKey(forward)) {
            throw invalid(name, "expected also tensor '" + forward + "', of the other direction");
          }
          String last = used.get(used.size() - 1);
          throw invalid(name, "expected a tensor of a layer; the layers end with " + last);
        }
      }
    }
    List<Module> stack = asked.isEmpty() ? stacked(modules) : inOrder(modules, order);
    return stack.stream().flatMap(module -> module.layers().stream()).toList();
  }

  /** Keeps only the modules that config.json lists. Returns their names, in this order. */
  private List<String> leaveOut(Map<String, List<String>> byPrefix, List<String> asked) {
    List<String> names = byPrefix.keySet().stream().map(RecurrentStack::withoutDot).toList();
    ModulePaths paths = new ModulePaths(names);
    Set<String> kept = new LinkedHashSet<>();
    for (String name : asked) {
      List<String> meant = paths.meant(withoutDot(name));
      if (meant.size() != 1 || !kept.add(meant.get(0))) {
        throw new InvalidFileException(
            file,
            "",
            "expected distinct modules of "
                + list(names)
                + " in recurrent in config.json, found "
                + list(asked)
                + (meant.isEmpty() ? Nearest.hint(name, names) : ""));
      }
    }
    byPrefix.keySet().removeIf(prefix -> !kept.contains(withoutDot(prefix)));
    return List.copyOf(kept);
  }

  private List<Module> inOrder(List<Module> modules, List<String> order) {
    List<Module> sorted = new ArrayList<>(modules);
    sorted.sort(Comparator.comparing(module -> order.indexOf(module.name())));
    if (!isChain(sorted)) {
      throw new InvalidFileException(
          file,
          "",
          "expected modules that each take the output of the one before, found "
              + list(order)
              + " in recurrent in config.json");
    }
    return sorted;
  }

  /**
   * Without a list in config.json: one module, or modules that are in the order of their numbers.
   */
  private List<Module> stacked(List<Module> modules) {
    List<String> names = modules.stream().map(Module::name).toList();
    boolean numbered = Names.areNumbered(names);
    if (numbered && isChain(modules)) {
      return modules;
    }
    String problem =
        numbered
            ? "do not fit in the order of their numbers"
            : "may be independent, as an encoder and a decoder are";
    throw new InvalidFileException(
        file,
        "",
        "expected one stack of recurrent modules, found "
            + list(names)
            + ", which "
            + problem
            + "; list those to use in config.json, bottom first: "
            + example(modules));
  }

  /** Valid examples: orders of all modules that fit, and single modules. */
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

  private Module module(String prefix, List<String> names) {
    List<LayerTensors> layers = new ArrayList<>();
    if (tensors.containsKey(prefix + "weight_ih") || tensors.containsKey(prefix + "weight_hh")) {
      layers.add(layer(prefix, ""));
      return new Module(prefix, layers);
    }
    boolean bothWays = names.stream().anyMatch(name -> name.endsWith(LayerTensors.REVERSE));
    while (layers.isEmpty() || tensors.containsKey(prefix + "weight_ih_l" + layers.size())) {
      LayerTensors forward = layer(prefix, "_l" + layers.size());
      LayerTensors layer = bothWays ? forward.with(backward(forward)) : forward;
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
      throw invalid(layer.ih().name(), "expected " + expected + ", found " + found);
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
        tensors.containsKey(hr) ? required(hr, 2) : null,
        null);
  }

  /** The tensors of the backward cell, which have the shapes of the forward cell. */
  private LayerTensors backward(LayerTensors forward) {
    return new LayerTensors(
        file,
        backward(forward.ih()),
        backward(forward.hh()),
        backward(forward.biasIh()),
        backward(forward.biasHh()),
        backward(forward.hr()),
        null);
  }

  private Tensor backward(Tensor forward) {
    if (forward == null) {
      return null;
    }
    String name = forward.name() + LayerTensors.REVERSE;
    String shape = Tensor.shapeText(forward.shape());
    String expected = "expected " + shape + ", the shape of " + forward.name();
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      String integer = integers.get(name);
      throw invalid(
          name, integer == null ? "missing: " + expected : expected + ", found " + integer);
    }
    if (!tensor.hasShape(forward.shape())) {
      throw invalid(name, expected + ", found " + Tensor.shapeText(tensor.shape()));
    }
    used.add(name);
    return tensor;
  }

  private Tensor required(String name, int rank) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      String integer = integers.get(name);
      String expected = "expected a tensor of floats";
      throw invalid(
          name, integer == null ? "missing: " + expected : expected + ", found " + integer);
    }
    if (tensor.rank() != rank) {
      String found = Tensor.shapeText(tensor.shape());
      throw invalid(name, "expected " + rank + " dimensions, found " + found);
    }
    used.add(name);
    return tensor;
  }

  private InvalidFileException invalid(String tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor + "'", problem);
  }
}
