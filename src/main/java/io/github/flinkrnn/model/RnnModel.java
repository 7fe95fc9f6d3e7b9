package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Fingerprinted;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.Part;
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
public final class RnnModel implements AutoCloseable {
  /** How {@link #activationName} ends where a step graph applies it itself. */
  public static final String IN_THE_GRAPH = " (in the graph)";

  private final String name;
  private final String version;
  private final long fingerprint;
  private final ModelInput input;
  private final Network network;
  private final Network.Description description;
  private final List<Part> parts;
  private final OutputActivation activation;
  private final boolean isActivated; // what the network gives is behind it already
  private final int fixedSteps;
  private final List<String> labels;
  private final long parameters;

  RnnModel(
      String name,
      Optional<String> version,
      ModelInput input,
      Network network,
      LoadedNetwork loaded,
      OutputActivation activation,
      List<String> labels) {
    this.name = name;
    this.input = input;
    this.network = network;
    this.description = network.describe();
    this.activation = activation;
    this.isActivated = loaded.end().isComputed();
    this.fixedSteps = loaded.fixedSteps();
    this.labels = List.copyOf(labels);
    this.parameters = loaded.parameters();
    this.parts = List.copyOf(loaded.parts());
    Fingerprint print = new Fingerprint();
    input.addTo(print);
    loaded.weights().addTo(print);
    this.fingerprint = print.value();
    this.version = version.orElseGet(() -> versionOf(loaded.weights(), print));
  }

  private static String versionOf(Fingerprinted weights, Fingerprint print) {
    weights.addHeadTo(print);
    return String.format("%016x", print.value());
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
    return network.stateSize();
  }

  /** Length of the top layer's a&lt;t&gt;. */
  public int hiddenSize() {
    return network.hiddenSize();
  }

  /** Length of y&lt;t&gt;. */
  public int outputSize() {
    return network.outputSize();
  }

  /** A name for each output, or none at all. */
  public List<String> labels() {
    return labels;
  }

  /**
   * What an output is called: its label; without labels the word of its number where there are as
   * many words as outputs, else the number.
   */
  public String outputName(int output) {
    if (!labels.isEmpty()) {
      return labels.get(output);
    }
    boolean words = input instanceof ModelInput.Words of && of.vocabulary().size() == outputSize();
    return words ? ((ModelInput.Words) input).vocabulary().word(output) : String.valueOf(output);
  }

  /** The hidden state before a sequence's first token, [stateSize]; a new array. */
  public float[] initialState() {
    return network.initialState();
  }

  /** Takes the steps for one thread. */
  public RnnStepper stepper() {
    return new RnnStepper(this);
  }

  /** The cells, bottom first, each in a phrase. */
  public List<String> cellTypes() {
    return description.layers();
  }

  /** The outer g of y&lt;t&gt; = g(...), and whether it is a step graph that computes it. */
  public String activationName() {
    return activation.name().toLowerCase(Locale.ROOT) + (isActivated ? IN_THE_GRAPH : "");
  }

  /**
   * How many steps the weights file fixes a sequence to; 0 where it fixes none. Its framework then
   * predicts from windows of that length, each from a&lt;0&gt;, while a hidden state that is
   * carried sees further back.
   */
  public int fixedSteps() {
    return fixedSteps;
  }

  /** Numbers in the weights file. */
  public long parameters() {
    return parameters;
  }

  /** Bytes of a table in which the words' part of a step is looked up; 0 for none. */
  public long tableBytes() {
    return description.tableBytes();
  }

  /**
   * Multiply-adds of a step's products, head included, and what a table or a one-hot input saves of
   * them.
   */
  public long multiplyAdds() {
    return description.multiplyAdds();
  }

  /**
   * Whether {@link RnnStepper#logits} is a function of the hidden state alone, as that of all
   * built-in layers is; a step graph gives its logits with the step.
   */
  public boolean hasLogitsOfAnyState() {
    return network.hasLogitsOfAnyState();
  }

  /** Which kernel computes the products. */
  public String kernel() {
    return description.kernel();
  }

  /** Which tensor each part came from. */
  public List<Part> parts() {
    return parts;
  }

  /** In a line: for logs and the start message. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %s, %d outputs, %,d parameters%s (version %s, kernel %s)",
        name,
        description.summary(),
        input.describe(),
        outputSize(),
        parameters,
        fixedSteps == 0 ? "" : String.format(Locale.ROOT, ", fixed to %,d steps", fixedSteps),
        version,
        kernel());
  }

  Network network() {
    return network;
  }

  /** From what the network gives to a prediction. */
  OutputActivation activation() {
    return isActivated ? OutputActivation.IDENTITY : activation;
  }

  /** Gives back what the model holds outside the heap; no stepper of it may be in use. */
  @Override
  public void close() {
    network.close();
  }
}
