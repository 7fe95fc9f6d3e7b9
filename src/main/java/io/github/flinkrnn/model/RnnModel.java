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
import io.github.flinkrnn.network.Scale;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A trained recurrent network: input ► cells ► head. Immutable and thread-safe; each thread takes
 * steps with its own {@link RnnStepper}. The state of a sequence is one array of {@link
 * #stateSize()} floats: the states of all layers, bottom first.
 */
@PublicEvolving
public final class RnnModel implements AutoCloseable {
  /** The suffix of {@link #activationName} if a step graph applies the activation itself. */
  public static final String IN_THE_GRAPH = " (in the graph)";

  private final String name;
  private final String version;
  private final long fingerprint;
  private final ModelInput input;
  private final Network network;
  private final Network.Description description;
  private final List<Part> parts;
  private final OutputActivation activation;
  private final Scale unscale; // null for none
  private final boolean isActivated; // the network applies the activation itself
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
      Scale unscale,
      List<String> labels) {
    this.name = name;
    this.input = input;
    this.network = network;
    this.description = network.describe();
    this.activation = activation;
    this.unscale = unscale;
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
   * Reads a model directory: {@code config.json}, the weights and the vocabulary.
   *
   * @param files the files of the directory
   * @return the model
   * @throws InvalidFileException when a file is invalid or not supported
   * @throws IOException when a file cannot be read
   */
  public static RnnModel load(ModelFiles files) throws IOException {
    return ModelLoader.load(files, Kernel.best());
  }

  /**
   * Reads a model from a local directory.
   *
   * @param directory the model directory
   * @return the model; close it after its last use
   * @throws InvalidFileException when a file is invalid or not supported
   * @throws IOException when a file cannot be read
   */
  public static RnnModel load(Path directory) throws IOException {
    return load(ModelFiles.of(directory));
  }

  /** {@return the name in config.json, else that of the directory} */
  public String name() {
    return name;
  }

  /** {@return the version in config.json, else a fingerprint of all weights} */
  public String version() {
    return version;
  }

  /**
   * {@return a fingerprint of everything that a&lt;t&gt; depends on: the input, the cells and their
   * weights} Another head, other labels or another name do not change it, so the states of
   * sequences stay valid.
   */
  public long fingerprint() {
    return fingerprint;
  }

  /** {@return the input of the model, from which x&lt;t&gt; is computed} */
  public ModelInput input() {
    return input;
  }

  /**
   * {@return the number of floats of state that a sequence keeps between tokens, for all layers}
   */
  public int stateSize() {
    return network.stateSize();
  }

  /** {@return the length of the top layer's a&lt;t&gt;} */
  public int hiddenSize() {
    return network.hiddenSize();
  }

  /** {@return the length n_y of y&lt;t&gt;} */
  public int outputSize() {
    return network.outputSize();
  }

  /** {@return the label of each output; empty if the model has no labels} */
  public List<String> labels() {
    return labels;
  }

  /**
   * The name of an output: its label; without labels, the word with the same id if there are as
   * many words as outputs, else its index.
   *
   * @param output the index of the output, from 0
   * @return the name
   */
  public String outputName(int output) {
    if (!labels.isEmpty()) {
      return labels.get(output);
    }
    boolean words = input instanceof ModelInput.Words of && of.vocabulary().size() == outputSize();
    return words ? ((ModelInput.Words) input).vocabulary().word(output) : String.valueOf(output);
  }

  /** {@return the state before the first token of a sequence, [stateSize]; a new array} */
  public float[] initialState() {
    return network.initialState();
  }

  /** {@return a new stepper, for one thread} */
  public RnnStepper stepper() {
    return new RnnStepper(this);
  }

  /** {@return a description of each cell, bottom first} */
  public List<String> cellTypes() {
    return description.layers();
  }

  /** {@return the name of the output activation, and whether a step graph applies it} */
  public String activationName() {
    return activation.name().toLowerCase(Locale.ROOT) + (isActivated ? IN_THE_GRAPH : "");
  }

  /**
   * {@return the sequence length that the weights file fixes; 0 if it fixes none} The framework
   * that wrote the file predicts from windows of that length, each from a&lt;0&gt;. Here, without a
   * window, the state depends on all earlier tokens of the sequence.
   */
  public int fixedSteps() {
    return fixedSteps;
  }

  /** {@return the number of weights in the file} */
  public long parameters() {
    return parameters;
  }

  /** {@return the bytes of the table of input products for all words; 0 for none} */
  public long tableBytes() {
    return description.tableBytes();
  }

  /**
   * {@return the multiply-adds of a step, including the head, and including those that a table or a
   * one-hot input saves}
   */
  public long multiplyAdds() {
    return description.multiplyAdds();
  }

  /**
   * {@return whether {@link RnnStepper#logits} works for any state} This is so for built-in layers.
   * A step graph returns logits only with its step.
   */
  public boolean hasLogitsOfAnyState() {
    return network.hasLogitsOfAnyState();
  }

  /** {@return the name of the kernel} */
  public String kernel() {
    return description.kernel();
  }

  /** {@return the source tensors of each part} */
  public List<Part> parts() {
    return parts;
  }

  /** {@return a one-line description, for logs and the start message} */
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

  /** The activation to apply to the output of the network. */
  OutputActivation activation() {
    return isActivated ? OutputActivation.IDENTITY : activation;
  }

  /** Turns outputs back to the unit of the training data; null for none. */
  Scale unscale() {
    return unscale;
  }

  /** Releases memory outside the heap. No stepper of the model may be in use. */
  @Override
  public void close() {
    network.close();
  }
}
