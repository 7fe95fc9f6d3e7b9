package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NamedTensors;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.WeightsFile.CategoryTensor;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ActivationLayer;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.network.LayerNetwork;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * Reads a PyTorch state_dict: recurrent layers, a head of linear layers, and for words an optional
 * embedding. Names identify the recurrent tensors, shapes the others. The parts list unused
 * tensors: integers, which are counters and indices; the modules of a loss; and those that a field
 * of config.json leaves out.
 */
@Internal
public final class StateDict {
  private static final Set<String> OF_TRAINING = Set.of("criterion", "loss", "loss_fn");

  private final WeightsFile weights;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> integers;
  private final NetworkConfig config;
  private StateDictConfig asked;
  private final List<Part> parts = new ArrayList<>();
  private final Set<String> used = new HashSet<>();

  private StateDict(
      WeightsFile weights, NamedTensors tensors, NetworkConfig config, StateDictConfig asked) {
    this.weights = weights;
    this.tensors = new LinkedHashMap<>(tensors.floats());
    this.integers = tensors.integers();
    this.config = config;
    this.asked = asked;
  }

  /**
   * Builds the network.
   *
   * @param weights the file that holds the tensors
   * @param asked the roles of the tensors, if they are ambiguous
   * @throws InvalidFileException when the tensors do not form such a network, or are ambiguous
   */
  public static LoadedNetwork read(
      WeightsFile weights, NamedTensors tensors, NetworkConfig config, StateDictConfig asked) {
    return new StateDict(weights, tensors, config, asked).network();
  }

  private LoadedNetwork network() {
    String file = weights.path();
    Map<String, Tensor> network = new LinkedHashMap<>(tensors);
    network.keySet().removeIf(StateDict::isOfTraining);
    Map<String, InvalidFileException> refused = refused(network);
    asked = asked.withTensors(network.keySet());
    if (asked.embedding().isPresent() && weights.words() == 0) {
      throw new InvalidFileException(
          asked.file(), "input.embedding", "expected only for a model of words, found features");
    }
    List<FMatrixRMaj> embeddings = categories(network);
    if (!asked.layers().isEmpty() || !asked.heads().isEmpty()) {
      return listed(network, refused).withEmbeddings(embeddings);
    }
    refuse(refused);
    List<LayerTensors> recurrent = recurrent(network);
    List<Layer> cells = BidirectionalLayers.read(asked, cells(recurrent), parts);
    // Before the head. Else a misspelt initial_state would be reported as an error of the head.
    float[] initial = InitialState.read(file, network, asked, cells, parts);
    used.addAll(asked.initialState());
    Map<String, Tensor> others = new LinkedHashMap<>(network);
    others.keySet().removeIf(RecurrentStack::isRecurrent);
    others.keySet().removeAll(asked.initialState());
    HeadTensors.Reading reading =
        new HeadTensors(
                weights,
                asked,
                config.labels().size(),
                List.copyOf(others.values()),
                integers,
                recurrent)
            .reading();
    if (reading.embedding() != null) {
      parts.add(new Part("embedding", use(reading.embedding())));
    }
    List<Linear> head = head(reading.head());
    addUnused();
    List<Layer> layers = new ArrayList<>(cells);
    layers.addAll(head);
    LayerNetwork built =
        LayerNetwork.of(
            reading.embedding() == null ? null : reading.embedding().matrix(),
            layers,
            List.of(),
            initial,
            weights.kernel());
    return new LoadedNetwork(built, OutputEnd.UNKNOWN, parameters(), parts)
        .withEmbeddings(embeddings);
  }

  /** Computes the weights that have a parametrization. The errors of modules, by their paths. */
  private Map<String, InvalidFileException> refused(Map<String, Tensor> network) {
    Map<String, InvalidFileException> refused = new LinkedHashMap<>();
    Map<String, Tensor> before = Map.copyOf(network);
    Parametrizations.fold(weights.path(), network, parts, refused);
    tensors.keySet().removeIf(name -> before.containsKey(name) && !network.containsKey(name));
    network.forEach(tensors::putIfAbsent);
    Map<String, String> ofNetwork = new LinkedHashMap<>(integers);
    ofNetwork.keySet().removeIf(StateDict::isOfTraining);
    QuantizedModules.find(weights.path(), network.keySet(), ofNetwork, refused);
    return refused;
  }

  /** Fails if a module cannot be read, unless config.json may leave it out. */
  private void refuse(Map<String, InvalidFileException> refused) {
    if (asked.recurrent().isEmpty() && asked.head().isEmpty()) {
      for (InvalidFileException first : refused.values()) {
        throw first;
      }
    }
  }

  /** Takes the embeddings of categories out of the tensors. */
  private List<FMatrixRMaj> categories(Map<String, Tensor> network) {
    List<FMatrixRMaj> embeddings = new ArrayList<>();
    List<String> taken = new ArrayList<>();
    for (CategoryTensor category : weights.embeddings()) {
      Tensor tensor = named(category, network);
      if (tensor.rank() != 2 || tensor.rows() != category.categories() || tensor.columns() == 0) {
        throw new InvalidFileException(
            asked.file(),
            category.place() + ".embedding",
            "expected a tensor of "
                + category.categories()
                + " rows, one for each category of '"
                + category.field()
                + "', found "
                + tensor);
      }
      parts.add(new Part("embedding of " + category.field(), use(tensor)));
      embeddings.add(tensor.matrix());
      taken.add(tensor.name());
    }
    network.keySet().removeAll(taken); // two fields may share one
    return embeddings;
  }

  private Tensor named(CategoryTensor category, Map<String, Tensor> network) {
    String field = category.place() + ".embedding";
    String name = new ModulePaths(network.keySet()).tensor(category.tensor(), asked.file(), field);
    if (network.containsKey(name)) {
      return network.get(name);
    }
    List<String> names =
        network.values().stream().filter(tensor -> tensor.rank() == 2).map(Tensor::name).toList();
    throw new InvalidFileException(
        asked.file(),
        field,
        "expected one tensor of "
            + weights.path()
            + " ("
            + String.join(", ", names)
            + "), found '"
            + name
            + "'"
            + Nearest.hint(name, names));
  }

  /** The network of {@code layers} and {@code outputs} in config.json. */
  private LoadedNetwork listed(
      Map<String, Tensor> network, Map<String, InvalidFileException> refused) {
    if (asked.layers().isEmpty()) {
      refuse(refused);
    }
    ListedLayers listed =
        new ListedLayers(weights, config, asked, network, integers, refused, parts, used);
    List<Layer> layers =
        BidirectionalLayers.read(
            asked, asked.layers().isEmpty() ? cells(recurrent(network)) : listed.read(), parts);
    List<Layer> states = layers.stream().filter(layer -> layer.stateSize() > 0).toList();
    float[] initial = null;
    if (!asked.initialState().isEmpty()) {
      boolean recurrent = states.stream().noneMatch(ListedLayers::isConvolved);
      if (!recurrent) {
        throw new InvalidFileException(
            asked.file(),
            "initial_state",
            "expected only without convolutions and residual connections in layers");
      }
      initial = InitialState.read(weights.path(), network, asked, states, parts);
      used.addAll(asked.initialState());
    }
    List<List<Layer>> heads = heads(listed, layers.get(layers.size() - 1).outputSize());
    Tensor embedding = embedding(network, layers.get(0).inputSize());
    addUnused();
    LayerNetwork built =
        LayerNetwork.of(
            embedding == null ? null : embedding.matrix(),
            layers,
            heads,
            initial,
            weights.kernel());
    List<OutputEnd> ends = new ArrayList<>();
    for (List<Layer> head : heads.isEmpty() ? List.of(layers) : heads) {
      ends.add(end(head.get(head.size() - 1), config.heads().get(ends.size()).activation()));
    }
    return new LoadedNetwork(built, ends, parameters(), parts);
  }

  /** The end of a head: with an activation there, another one after it would be unexpected. */
  private static OutputEnd end(Layer last, Optional<OutputActivation> said) {
    if (!(last instanceof ActivationLayer)) {
      return OutputEnd.UNKNOWN;
    }
    boolean isSigmoid = last.type().equals("sigmoid");
    return isSigmoid && said.isPresent() && said.get() != OutputActivation.IDENTITY
        ? OutputEnd.computed(OutputActivation.SIGMOID)
        : OutputEnd.of(OutputActivation.IDENTITY);
  }

  private List<List<Layer>> heads(ListedLayers listed, int hiddenSize) {
    List<List<Layer>> heads = new ArrayList<>();
    for (int h = 0; h < asked.heads().size(); h++) {
      String field = config.heads().get(h).place() + ".layers";
      List<Layer> head = listed.chain(asked.heads().get(h), hiddenSize, "a<t>");
      if (head.isEmpty()) {
        throw new InvalidFileException(
            asked.file(), field, "missing: expected the layers from a<t> to the logits");
      }
      for (Layer layer : head) {
        if (layer.stateSize() > 0) {
          throw new InvalidFileException(
              asked.file(), field, "expected layers without a state, found a " + layer.type());
        }
      }
      heads.add(head);
    }
    return heads;
  }

  private long parameters() {
    return Tensor.numbers(tensors.values());
  }

  /**
   * The embedding below listed layers: the tensor in config.json, else the only one with a row for
   * each word that no layer uses. Null for features and one-hot words.
   */
  private Tensor embedding(Map<String, Tensor> network, int inputSize) {
    if (weights.words() == 0) {
      return null;
    }
    List<Tensor> found =
        network.values().stream()
            .filter(tensor -> asked.embedding().map(tensor.name()::equals).orElse(true))
            .filter(tensor -> asked.embedding().isPresent() || !used.contains(tensor.name()))
            .filter(tensor -> tensor.hasShape(weights.words(), inputSize))
            .toList();
    if (found.size() == 1) {
      parts.add(0, new Part("embedding", use(found.get(0))));
      return found.get(0);
    }
    if (found.isEmpty() && asked.embedding().isEmpty() && weights.words() == inputSize) {
      return null;
    }
    String rows = Tensor.shapeText(weights.words(), inputSize);
    String names =
        found.isEmpty()
            ? "none" + others(network)
            : found.stream().map(Tensor::name).collect(Collectors.joining(" and "));
    throw new InvalidFileException(
        weights.path(),
        "",
        "expected one embedding "
            + rows
            + ", a row for each of the "
            + weights.words()
            + " words, found "
            + names
            + (found.isEmpty() ? "" : "; choose with input.embedding in config.json"));
  }

  private String others(Map<String, Tensor> network) {
    List<String> unused =
        network.values().stream()
            .filter(tensor -> !used.contains(tensor.name()))
            .map(Tensor::toString)
            .toList();
    return unused.isEmpty() ? "" : " (not listed: " + String.join(", ", unused) + ")";
  }

  /** Whether a tensor belongs to a module that only training needs, at any depth. */
  private static boolean isOfTraining(String tensor) {
    List<String> modules = List.of(tensor.split("\\.", -1));
    return modules.subList(0, modules.size() - 1).stream().anyMatch(OF_TRAINING::contains);
  }

  private List<LayerTensors> recurrent(Map<String, Tensor> network) {
    return RecurrentStack.find(weights.path(), network, integers, asked.recurrent());
  }

  private List<Layer> cells(List<LayerTensors> layers) {
    List<Layer> cells = new ArrayList<>();
    for (LayerTensors layer : layers) {
      cells.add(layer.layer(config, weights.kernel()));
      List<String> from = new ArrayList<>();
      layer.tensors().forEach(tensor -> from.add(use(tensor)));
      if (layer.biasIh() == null) {
        from.add(2, "no bias");
      }
      long numbers = Tensor.numbers(layer.tensors());
      parts.add(
          new Part(
              "layer " + cells.size(),
              String.join(", ", from),
              cells.get(cells.size() - 1),
              numbers));
    }
    return cells;
  }

  private List<Linear> head(List<HeadTensors.Dense> layers) {
    List<Linear> head = new ArrayList<>();
    for (HeadTensors.Dense layer : layers) {
      boolean last = head.size() == layers.size() - 1;
      Activation g = last ? Activation.IDENTITY : config.hiddenActivation();
      float[] bias = layer.bias() == null ? null : layer.bias().data();
      head.add(new Linear(layer.weight().matrix(), bias, g, weights.kernel()));
      String then = last ? "" : ", then " + g.name().toLowerCase(Locale.ROOT);
      String from = use(layer.weight()) + ", ";
      from += layer.bias() == null ? "no bias" : use(layer.bias());
      long numbers = layer.weight().data().length + (bias == null ? 0L : bias.length);
      parts.add(new Part("head " + head.size(), from + then, head.get(head.size() - 1), numbers));
    }
    return head;
  }

  private String use(Tensor tensor) {
    used.add(tensor.name());
    return tensor.toString();
  }

  private void addUnused() {
    for (Tensor tensor : tensors.values()) {
      if (!used.contains(tensor.name())) {
        parts.add(new Part("not used", tensor.toString()));
      }
    }
    integers.forEach((name, what) -> parts.add(new Part("not used", name + ", " + what)));
  }
}
