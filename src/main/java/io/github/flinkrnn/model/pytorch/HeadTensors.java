package io.github.flinkrnn.model.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.ModelConfig;
import io.github.flinkrnn.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds which of the tensors that are not recurrent is the embedding and which are the head, by
 * their shapes. Every tensor must have a place, for the network would be computed without it.
 */
final class HeadTensors {
  /** A linear layer: y = W v + b. */
  record Linear(Tensor weight, Tensor bias) {
    int in() {
      return weight.columns();
    }

    int out() {
      return weight.rows();
    }

    String name() {
      return weight.name();
    }

    private boolean isSameAs(Linear other) {
      float[] b = bias == null ? null : bias.data();
      float[] otherB = other.bias == null ? null : other.bias.data();
      return weight.hasShape(other.weight.shape())
          && Arrays.equals(weight.data(), other.weight.data())
          && Arrays.equals(b, otherB);
    }
  }

  /** One way to read the tensors. */
  record Reading(Tensor embedding, List<Linear> head) {
    // An embedding that is the head too may be stored under both names.
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
      List<String> names = head.stream().map(Linear::name).toList();
      String input = embedding == null ? "" : "input.embedding: " + embedding.name() + ", ";
      return "{" + input + "output.head: " + (names.size() == 1 ? names.get(0) : names) + "}";
    }
  }

  private final String file;
  private final ModelConfig config;
  private final List<Tensor> others;
  private final int words;
  private final int inputSize;
  private final int hiddenSize;

  /**
   * @param others the tensors that are not recurrent
   * @param words how many the vocabulary has; 0 for features
   */
  HeadTensors(
      String file,
      ModelConfig config,
      List<Tensor> others,
      int words,
      int inputSize,
      int hiddenSize) {
    this.file = file;
    this.config = config;
    this.others = others;
    this.words = words;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
  }

  /**
   * The one way to read the tensors, or an error that says why there is none, or which there are.
   */
  Reading reading() {
    config.embedding().ifPresent(name -> expectNamed("input.embedding", name));
    config.head().forEach(name -> expectNamed("output.head", name));
    List<Reading> readings = new ArrayList<>();
    for (Tensor embedding : others) {
      if (fitsEmbedding(embedding)) {
        readings.addAll(readings(embedding));
      }
    }
    // What can be an embedding is one, not a hidden layer without a bias behind one-hot vectors.
    boolean mayBeOneHot = words == 0 || words == inputSize;
    if (readings.isEmpty() && config.embedding().isEmpty() && mayBeOneHot) {
      readings.addAll(readings(null));
    }
    if (readings.isEmpty()) {
      throw new InvalidFileException(file, "", "found " + list() + "; expected " + expected());
    }
    Reading first = readings.get(0);
    if (!readings.stream().skip(1).allMatch(first::isSameAs)) {
      String ways = readings.stream().map(Reading::describe).collect(Collectors.joining(" or "));
      throw new InvalidFileException(
          file, "", "can be read in more than one way; say in config.json which: " + ways);
    }
    return first;
  }

  private void expectNamed(String field, String tensor) {
    List<String> names = others.stream().map(Tensor::name).toList();
    if (!names.contains(tensor)) {
      String said = "named by " + field + " in config.json, expected one of ";
      throw new InvalidFileException(
          file,
          "tensor '" + tensor + "'",
          said + String.join(", ", names) + Nearest.hint(tensor, names));
    }
  }

  private boolean fitsEmbedding(Tensor tensor) {
    return words > 0
        && tensor.hasShape(words, inputSize)
        && config.embedding().map(tensor.name()::equals).orElse(true);
  }

  /** The readings with this embedding, or with none. */
  private List<Reading> readings(Tensor embedding) {
    List<Tensor> rest = new ArrayList<>(others);
    rest.remove(embedding);
    List<Linear> layers = new ArrayList<>();
    for (Tensor weight : List.copyOf(rest)) {
      if (weight.rank() == 2) {
        Optional<Tensor> bias = biasOf(weight, rest);
        layers.add(new Linear(weight, bias.orElse(null)));
        rest.remove(weight);
        bias.ifPresent(rest::remove);
      }
    }
    if (layers.isEmpty() && embedding != null && rest.size() <= 1) {
      // Tied weights: the embedding is the head too, and perhaps a bias is left.
      layers.add(new Linear(embedding, rest.isEmpty() ? null : rest.remove(0)));
    }
    if (!rest.isEmpty() || layers.isEmpty()) {
      return List.of();
    }
    List<List<Linear>> heads = Names.orders(layers, Linear::name, config.head(), this::isHead);
    boolean several = layers.size() > 1 && layers.stream().allMatch(l -> l.in() == hiddenSize);
    if (several && Names.orders(layers, Linear::name, List.of(), this::isChain).isEmpty()) {
      heads = oneOfSeveral(layers);
    }
    return heads.stream().map(head -> new Reading(embedding, head)).toList();
  }

  /** A network of several heads gives predictions of one: which, only the config can say. */
  private List<List<Linear>> oneOfSeveral(List<Linear> heads) {
    return heads.stream()
        .filter(head -> config.head().isEmpty() || config.head().equals(List.of(head.name())))
        .map(List::of)
        .filter(head -> config.head().isEmpty() || isHead(head))
        .toList();
  }

  /** {@code fc.bias} for {@code fc.weight}. */
  private static Optional<Tensor> biasOf(Tensor weight, List<Tensor> tensors) {
    String name = weight.name().replaceFirst("weight$", "") + "bias";
    return tensors.stream()
        .filter(tensor -> tensor.name().equals(name) && tensor.hasShape(weight.rows()))
        .findFirst();
  }

  /** From a&lt;t&gt; to the outputs, each layer taking what the one before puts out. */
  private boolean isChain(List<Linear> layers) {
    int in = hiddenSize;
    for (Linear layer : layers) {
      boolean biased = layer.bias() == null || layer.bias().hasShape(layer.out());
      if (layer.in() != in || layer.out() == 0 || !biased) {
        return false;
      }
      in = layer.out();
    }
    return true;
  }

  private boolean isHead(List<Linear> layers) {
    int outputs = layers.get(layers.size() - 1).out();
    List<String> names = layers.stream().map(Linear::name).toList();
    return isChain(layers)
        && (config.labels().isEmpty() || config.labels().size() == outputs)
        && (config.head().isEmpty() || config.head().equals(names));
  }

  // Names what asks for each size, since that may be what is wrong and not the weights.
  private String expected() {
    int named = config.labels().size();
    String outputs = named == 0 ? "outputs" : Integer.toString(named);
    String labels = named == 0 ? "" : " (output.labels names " + outputs + ")";
    String bias = " with or without a bias [" + outputs + "]";
    String head = "a head [" + outputs + " × " + hiddenSize + "]" + labels + bias;
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

  private String list() {
    return others.isEmpty()
        ? "no tensor besides the recurrent layers"
        : others.stream().map(Tensor::toString).collect(Collectors.joining(", "));
  }
}
