package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.Activation;
import io.github.flinkrnn.cell.Fingerprint;
import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A trained recurrent network: input ► cells ► head. Immutable and thread-safe; a {@link
 * RnnStepper} takes the steps. The hidden state of a sequence is one array of {@link #stateSize()}
 * floats, the layers' parts one after the other, bottom first.
 */
public final class RnnModel {
  private final String name;
  private final String version;
  private final long fingerprint;
  private final ModelInput input;
  private final List<RecurrentCell> cells;
  private final Head head;
  private final float[] initial; // null for zeros
  private final List<Part> parts;
  private final OutputActivation activation;
  private final List<String> labels;
  private final long parameters;
  private final String kernel;

  RnnModel(
      String name,
      Optional<String> version,
      ModelInput input,
      Network network,
      OutputActivation activation,
      List<String> labels,
      Kernel kernel) {
    this.name = name;
    this.input = input;
    this.cells = List.copyOf(network.cells());
    this.head = new Head(network.head(), kernel);
    this.activation = activation;
    this.labels = List.copyOf(labels);
    this.kernel = kernel.name();
    this.initial = network.initial();
    this.parameters = network.parameters();
    this.parts = List.copyOf(network.parts());
    this.fingerprint = recurrence().value();
    this.version = version.orElseGet(() -> String.format("%016x", weights(network.head()).value()));
  }

  private Fingerprint weights(List<Dense> layers) {
    Fingerprint print = recurrence();
    for (Dense layer : layers) {
      if (layer.activation() != Activation.IDENTITY) {
        print.add(layer.activation().name());
      }
      print.add(layer.weights()).add(layer.bias());
    }
    return print;
  }

  private Fingerprint recurrence() {
    Fingerprint print = new Fingerprint();
    input.addTo(print);
    for (RecurrentCell cell : cells) {
      cell.addTo(print);
    }
    if (initial != null) {
      print.add("initial").add(initial);
    }
    return print;
  }

  /**
   * Reads a model directory: {@code config.json}, the weights, the vocabulary.
   *
   * @throws InvalidFileException when a file says what cannot be; one line that names file and
   *     field
   * @throws IOException when a file cannot be read
   */
  public static RnnModel load(ModelFiles files) throws IOException {
    return ModelLoader.load(files, Kernel.best());
  }

  /** The same from a directory of this machine. */
  public static RnnModel load(Path directory) throws IOException {
    return load(ModelFiles.of(directory));
  }

  /** What config.json says, else the directory's name. */
  public String name() {
    return name;
  }

  /** What config.json says, else a fingerprint of all weights. */
  public String version() {
    return version;
  }

  /**
   * Equal for models with equal recurrences: input, cells and their weights, all that a&lt;t&gt;
   * depends on. A new head, other labels or another name leave it, and with it the sequences, as
   * they are.
   */
  public long fingerprint() {
    return fingerprint;
  }

  /** How x&lt;t&gt; comes to be. */
  public ModelInput input() {
    return input;
  }

  /** Floats of hidden state a sequence keeps between two tokens, over all layers. */
  public int stateSize() {
    int size = 0;
    for (RecurrentCell cell : cells) {
      size += cell.stateSize();
    }
    return size;
  }

  /** Length of the top layer's a&lt;t&gt;. */
  public int hiddenSize() {
    return top().outputSize();
  }

  /** Length of y&lt;t&gt;. */
  public int outputSize() {
    return head.outputSize();
  }

  /** A name for each output, or none at all. */
  public List<String> labels() {
    return labels;
  }

  /** The hidden state before a sequence's first token, [stateSize]; a new array. */
  public float[] initialState() {
    return initial == null ? new float[stateSize()] : initial.clone();
  }

  /** Takes the steps for one thread. */
  public RnnStepper stepper() {
    return new RnnStepper(this);
  }

  /** The cells, bottom first, each in a phrase. */
  public List<String> cellTypes() {
    return cells.stream()
        .map(cell -> cell.type() + ", " + cell.inputSize() + " to " + cell.outputSize())
        .toList();
  }

  /** The outer g of y&lt;t&gt; = g(...). */
  public String activationName() {
    return activation.name().toLowerCase(Locale.ROOT);
  }

  /** Numbers in the weights file. */
  public long parameters() {
    return parameters;
  }

  /** Multiply-adds of a step's products, head included. */
  public long multiplyAdds() {
    return cells.stream().mapToLong(RecurrentCell::multiplyAdds).sum() + head.multiplyAdds();
  }

  /** Which kernel computes the products. */
  public String kernel() {
    return kernel;
  }

  /** Which tensor each part came from. */
  public List<Part> parts() {
    return parts;
  }

  /** In a line: for logs and the start message. */
  public String describe() {
    String layers = cells.size() == 1 ? "one layer" : cells.size() + " layers";
    return String.format(
        Locale.ROOT,
        "%s: %s, %s of %d, %s, %d outputs, %,d parameters (version %s, kernel %s)",
        name,
        cells.get(0).type(),
        layers,
        hiddenSize(),
        input.describe(),
        outputSize(),
        parameters,
        version,
        kernel);
  }

  List<RecurrentCell> cells() {
    return cells;
  }

  Head head() {
    return head;
  }

  OutputActivation activation() {
    return activation;
  }

  RecurrentCell top() {
    return cells.get(cells.size() - 1);
  }
}
