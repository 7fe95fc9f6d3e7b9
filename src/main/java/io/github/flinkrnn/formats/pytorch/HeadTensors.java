package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the embedding and the head among the tensors that are not recurrent, by their shapes. Every
 * tensor must have a role, because the network would be computed without it.
 */
final class HeadTensors {
  /** A linear layer: y = W v + b. */
  record Dense(Tensor weight, Tensor bias) {
    int in() {
      return weight.columns();
    }

    int out() {
      return weight.rows();
    }

    String name() {
      return weight.name();
    }

    private boolean isSameAs(Dense other) {
      float[] b = bias == null ? null : bias.data();
      float[] otherB = other.bias == null ? null : other.bias.data();
      return weight.hasShape(other.weight.shape())
          && Arrays.equals(weight.data(), other.weight.data())
          && Arrays.equals(b, otherB);
    }
  }

  /**
   * One way to read the tensors.
   *
   * @param embedding null for none
   * @param leftOut the tensors that have no role
   */
  record Reading(Tensor embedding, List<Dense> head, List<Tensor> leftOut) {
    // An embedding that is also the head may be stored under two names.
    private boolean isSameAs(Reading other) {
      if (head.size() != other.head.size() || embedding == null || other.embedding == null) {
        return false;
      }
      for (int layer = 0; layer < head.size(); layer++) {
        if (!head.get(layer).isSameAs(other.head.get(layer))) {
          return false;
        }
      }
      return Arrays.equals(embedding.data(), other.embedding.data());
    }

    private String describe() {
      List<String> names = head.stream().map(Dense::name).toList();
      String input = embedding == null ? "" : "input.embedding: " + embedding.name() + ", ";
      String fields = input + "output.head: " + (names.size() == 1 ? names.get(0) : names);
      String without = leftOut.stream().map(Tensor::toString).collect(Collectors.joining(", "));
      return "{" + fields + "}" + (without.isEmpty() ? "" : " (leaves out " + without + ")");
    }
  }

  // Every possible embedding is tried with all other tensors as the head.
  private static final int MOST_TENSORS = 300;

  private final String file;
  private final StateDictConfig asked;
  private final int labels;
  private final List<Tensor> others;
  private final Map<String, String> integers;
  private final int words;
  private final List<LayerTensors> cells;
  private final int inputSize;
  private final int hiddenSize;

  /**
   * @param labels the number of labels in config.json; 0 for none
   * @param others the tensors that are not recurrent
   * @param integers type and shape of the integer tensors, by name, for errors
   * @param cells the recurrent layers, first layer first
   */
  HeadTensors(
      WeightsFile weights,
      StateDictConfig asked,
      int labels,
      List<Tensor> others,
      Map<String, String> integers,
      List<LayerTensors> cells) {
    this.file = weights.path();
    this.asked = asked;
    this.labels = labels;
    this.others = others;
    this.integers = integers;
    this.words = weights.words();
    this.cells = cells;
    this.inputSize = cells.get(0).inputSize();
    this.hiddenSize = cells.get(cells.size() - 1).outputSize();
  }

  /**
   * The only way to read the tensors.
   *
   * @throws InvalidFileException when there is no way, or more than one
   */
  Reading reading() {
    if (others.size() > MOST_TENSORS) {
      throw new InvalidFileException(
          file,
          "",
          "expected at most "
              + MOST_TENSORS
              + " tensors besides the recurrent layers, found "
              + others.size());
    }
    asked.embedding().ifPresent(name -> expectNamed("input.embedding", name));
    asked.head().forEach(name -> expectNamed("output.head", name));
    List<Reading> readings = new ArrayList<>();
    for (Tensor embedding : others) {
      if (fitsEmbedding(embedding)) {
        readings.addAll(readings(embedding));
      }
    }
    // A tensor that fits an embedding is one, and not a layer without a bias after one-hot vectors.
    boolean mayBeOneHot = words == 0 || words == inputSize;
    if (readings.isEmpty() && asked.embedding().isEmpty() && mayBeOneHot) {
      readings.addAll(readings(null));
    }
    if (readings.isEmpty()) {
      throw unreadable();
    }
    Reading first = readings.get(0);
    if (!readings.stream().skip(1).allMatch(first::isSameAs)) {
      String ways = readings.stream().map(Reading::describe).collect(Collectors.joining(" or "));
      throw new InvalidFileException(
          file, "", "expected one way to read the tensors; choose in config.json: " + ways);
    }
    return first;
  }

  private InvalidFileException unreadable() {
    List<String> strangers = Lookalikes.of(others);
    if (!strangers.isEmpty() && asked.head().isEmpty()) {
      return new InvalidFileException(
          file,
          "",
          "expected the field layers in config.json, because not all modules are recurrent layers,"
              + " linear layers or an embedding; "
              + String.join(", ", strangers)
              + "; list all modules and activations in the order of forward"
              + ExampleLayers.of(cells, others, words));
    }
    String hint = words > 0 && hasExtraRow() ? WeightsFile.extraRow(words + 1, words) : "";
    return new InvalidFileException(
        file, "", "expected " + expected() + ", found " + list() + hint);
  }

  private void expectNamed(String field, String tensor) {
    List<String> names = others.stream().map(Tensor::name).toList();
    if (!names.contains(tensor)) {
      throw new InvalidFileException(
          file,
          "tensor '" + tensor + "'",
          "expected one of "
              + String.join(", ", names)
              + " for "
              + field
              + " in config.json"
              + Nearest.hint(tensor, names));
    }
  }

  private boolean fitsEmbedding(Tensor tensor) {
    return words > 0
        && tensor.hasShape(words, inputSize)
        && asked.embedding().map(tensor.name()::equals).orElse(true);
  }

  /** The readings with this embedding; null for none. */
  private List<Reading> readings(Tensor embedding) {
    return asked.head().isEmpty() ? readingsOfAll(embedding) : readingsAsked(embedding);
  }

  /** Readings that use every tensor, or one reading for each of several possible heads. */
  private List<Reading> readingsOfAll(Tensor embedding) {
    List<Tensor> rest = new ArrayList<>(others);
    rest.remove(embedding);
    List<Dense> layers = new ArrayList<>();
    for (Tensor weight : List.copyOf(rest)) {
      if (weight.rank() == 2) {
        layers.add(linear(weight, rest));
      }
    }
    if (layers.isEmpty() && embedding != null) {
      tied(embedding, rest).ifPresent(layers::add);
    }
    if (!rest.isEmpty() || layers.isEmpty()) {
      return List.of();
    }
    List<List<Dense>> heads = Names.orders(layers, Dense::name, List.of(), this::isHead);
    boolean several = layers.size() > 1 && layers.stream().allMatch(l -> l.in() == hiddenSize);
    if (several && Names.orders(layers, Dense::name, List.of(), this::isChain).isEmpty()) {
      heads = layers.stream().map(List::of).toList();
    }
    return heads.stream().map(head -> reading(embedding, head)).toList();
  }

  /** The reading with the head from config.json. It leaves out tensors without a role. */
  private List<Reading> readingsAsked(Tensor embedding) {
    List<Tensor> rest = new ArrayList<>(others);
    List<Dense> head = new ArrayList<>();
    for (String name : asked.head()) {
      Tensor weight = others.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
      if (weight.rank() != 2) {
        return List.of();
      }
      head.add(linear(weight, rest));
    }
    if (embedding != null && asked.head().contains(embedding.name())) {
      Optional<Dense> tied = head.size() == 1 ? tied(embedding, rest) : Optional.empty();
      boolean another = asked.embedding().isEmpty() && rest.stream().anyMatch(this::fitsEmbedding);
      if (tied.isEmpty() || another) {
        return List.of();
      }
      head.set(0, tied.get());
    }
    return isHead(head) ? List.of(reading(embedding, head)) : List.of();
  }

  private Reading reading(Tensor embedding, List<Dense> head) {
    List<Tensor> leftOut = new ArrayList<>(others);
    leftOut.remove(embedding);
    for (Dense layer : head) {
      leftOut.remove(layer.weight());
      leftOut.remove(layer.bias());
    }
    return new Reading(embedding, head, leftOut);
  }

  /** The layer of a weight. Removes its tensors from {@code rest}. */
  private static Dense linear(Tensor weight, List<Tensor> rest) {
    Optional<Tensor> bias = biasOf(weight, rest);
    rest.remove(weight);
    bias.ifPresent(rest::remove);
    return new Dense(weight, bias.orElse(null));
  }

  /** A head that shares the weight of the embedding, with its own bias or the only one left. */
  private static Optional<Dense> tied(Tensor embedding, List<Tensor> rest) {
    Optional<Tensor> own = biasOf(embedding, rest);
    List<Tensor> biases =
        own.isPresent()
            ? own.stream().toList()
            : rest.stream()
                .filter(t -> t.name().endsWith("bias") && t.hasShape(embedding.rows()))
                .toList();
    if (biases.size() > 1) {
      return Optional.empty();
    }
    rest.removeAll(biases);
    return Optional.of(new Dense(embedding, biases.isEmpty() ? null : biases.get(0)));
  }

  /** {@code fc.bias} for {@code fc.weight}. */
  private static Optional<Tensor> biasOf(Tensor weight, List<Tensor> tensors) {
    String name = weight.name().replaceFirst("weight$", "") + "bias";
    return tensors.stream()
        .filter(tensor -> tensor.name().equals(name) && tensor.hasShape(weight.rows()))
        .findFirst();
  }

  /** Whether each layer takes the output of the one before, the first a&lt;t&gt;. */
  private boolean isChain(List<Dense> layers) {
    int in = hiddenSize;
    for (Dense layer : layers) {
      boolean biased = layer.bias() == null || layer.bias().hasShape(layer.out());
      if (layer.in() != in || layer.out() == 0 || !biased) {
        return false;
      }
      in = layer.out();
    }
    return true;
  }

  private boolean isHead(List<Dense> layers) {
    int outputs = layers.get(layers.size() - 1).out();
    return isChain(layers) && (labels == 0 || labels == outputs);
  }

  // Says where each size comes from, because that source may be wrong instead of the weights.
  private String expected() {
    String outputs = labels == 0 ? "outputs" : Integer.toString(labels);
    String named = labels == 0 ? "" : " (output.labels names " + outputs + ")";
    String bias = " with or without a bias [" + outputs + "]";
    String head = "a head [" + outputs + " × " + hiddenSize + "]" + named + bias;
    if (words == 0) {
      return head;
    }
    String embedding = Tensor.shapeText(words, inputSize);
    String vocabulary = " (the vocabulary has " + words + " words)";
    return head
        + " and an embedding "
        + embedding
        + vocabulary
        + (words == inputSize ? " or none" : "");
  }

  private boolean hasExtraRow() {
    return others.stream().anyMatch(tensor -> tensor.hasShape(words + 1, inputSize));
  }

  private String list() {
    List<String> found = new ArrayList<>(others.stream().map(Tensor::toString).toList());
    integers.forEach((name, what) -> found.add(name + ", " + what + " (not read)"));
    return found.isEmpty() ? "no tensor besides the recurrent layers" : String.join(", ", found);
  }
}
