package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Fingerprinted;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
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
  private final List<Head> heads;
  private final int fixedSteps;
  private final long parameters;

  RnnModel(
      String name,
      Optional<String> version,
      ModelInput input,
      Network network,
      LoadedNetwork loaded,
      List<Head> heads) {
    this.name = name;
    this.input = input;
    this.network = network;
    this.description = network.describe();
    this.heads = List.copyOf(heads);
    this.fixedSteps = loaded.fixedSteps();
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
   * Those of a step graph may be the bits of other numbers, which are only to be copied.
   */
  public int stateSize() {
    return network.stateSize();
  }

  /** {@return the length of the top layer's a&lt;t&gt;} */
  public int hiddenSize() {
    return network.hiddenSize();
  }

  /** {@return the names of the heads, if there are several; otherwise empty} */
  public List<String> headNames() {
    return heads.size() == 1 && heads.get(0).name().isEmpty()
        ? List.of()
        : heads.stream().map(Head::name).toList();
  }

  /** {@return the length n_y of y&lt;t&gt;, of the first head if there are several} */
  public int outputSize() {
    return heads.get(0).size();
  }

  /** {@return the label of each output, of the first head if there are several; empty for none} */
  public List<String> labels() {
    return heads.get(0).labels();
  }

  /** {@return the heads; one, unless {@code outputs} of config.json names several} */
  @Internal
  public List<Head> heads() {
    return heads;
  }

  /**
   * The name of an output: its label; without labels, the word with the same id if there are as
   * many words as outputs, else its index.
   *
   * @param output the index of the output, from 0
   * @return the name
   */
  public String outputName(int output) {
    return outputName(0, output);
  }

  /**
   * The name of an output of a head, in the same way.
   *
   * @param head the index of the head, from 0
   * @param output the index of the output, from 0
   * @return the name
   */
  public String outputName(int head, int output) {
    Head of = heads.get(head);
    if (!of.labels().isEmpty()) {
      return of.labels().get(output);
    }
    boolean words = input instanceof ModelInput.Words its && its.vocabulary().size() == of.size();
    return words ? ((ModelInput.Words) input).vocabulary().word(output) : String.valueOf(output);
  }

  /** {@return the state before the first token of a sequence, [stateSize]; a new array} */
  public float[] initialState() {
    return network.initialState();
  }

  /**
   * {@return the number of bidirectional layers} If there are any, a prediction depends on later
   * tokens, and an {@link RnnStepper} only computes logits and predictions.
   */
  public int bidirectionalLayers() {
    return network.bidirectionalLayers();
  }

  /** {@return whether bidirectional layers give one output for the whole sequence} */
  public boolean readsFinal() {
    return network.readsFinal();
  }

  /**
   * A stepper of a bidirectional model, for one thread.
   *
   * @param tokens how many tokens each bidirectional layer looks ahead
   * @param reserved how many floats at the beginning of what is kept belong to the caller
   * @return the stepper
   */
  @Internal
  public LookAheadStepper lookAhead(int tokens, int reserved) {
    return network.lookAhead(input instanceof ModelInput.Words, tokens, reserved);
  }

  /** {@return a new stepper, for one thread} */
  public RnnStepper stepper() {
    return new RnnStepper(this);
  }

  /** {@return a description of each cell, bottom first} */
  public List<String> cellTypes() {
    return description.layers();
  }

  /** {@return the layers, bottom first; empty for a step graph} */
  @Internal
  public List<Network.Place> chain() {
    return description.chain();
  }

  /**
   * {@return the name of the output activation, of the first head if there are several, and whether
   * a step graph applies it}
   */
  public String activationName() {
    return activationName(0);
  }

  /**
   * The name of the output activation of a head, and whether a step graph applies it.
   *
   * @param head the index of the head, from 0
   * @return the name
   */
  public String activationName(int head) {
    Head of = heads.get(head);
    return of.activation().name().toLowerCase(Locale.ROOT) + (of.isActivated() ? IN_THE_GRAPH : "");
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

  /** {@return a phrase for matrices that are kept in 16 bits, with bytes; empty for none} */
  @Internal
  public String weights() {
    return description.weights();
  }

  /** {@return whether steps of several sequences are computed together} */
  @Internal
  public boolean stepsSeveral() {
    return network.stepsSeveral();
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
        "%s: %s, %s, %s, %,d parameters%s (version %s, kernel %s)",
        name,
        description.summary(),
        input.describe(),
        outputs(),
        parameters,
        fixedSteps == 0 ? "" : String.format(Locale.ROOT, ", fixed to %,d steps", fixedSteps),
        version,
        kernel());
  }

  private String outputs() {
    if (headNames().isEmpty()) {
      return outputSize() + (outputSize() == 1 ? " output" : " outputs");
    }
    List<String> each = heads.stream().map(head -> head.name() + " " + head.size()).toList();
    return heads.size() + " heads (" + String.join(", ", each) + ")";
  }

  Network network() {
    return network;
  }

  /** Releases memory outside the heap. No stepper of the model may be in use. */
  @Override
  public void close() {
    network.close();
  }
}
