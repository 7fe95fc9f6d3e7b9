package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.Fingerprint;
import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A trained recurrent network: input ► cells ► head. Immutable and thread-safe; a {@link
 * RnnStepper} takes the steps. The hidden state of a sequence is one array of {@link #stateSize()}
 * floats, the layers' parts one after the other, bottom first; a&lt;0&gt; is all zeros.
 */
public final class RnnModel {
  private final String name;
  private final String version;
  private final long fingerprint;
  private final ModelInput input;
  private final List<RecurrentCell> cells;
  private final Affine head;
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
    this.head = kernel.affine(network.wya(), network.by());
    this.activation = activation;
    this.labels = List.copyOf(labels);
    this.kernel = kernel.name();
    this.fingerprint = recurrence().value();
    this.version =
        version.orElseGet(
            () -> {
              long weights = recurrence().add(network.wya()).add(network.by()).value();
              return String.format("%016x", weights);
            });
    this.parameters = network.parameters();
  }

  private Fingerprint recurrence() {
    Fingerprint print = new Fingerprint();
    input.addTo(print);
    for (RecurrentCell cell : cells) {
      cell.addTo(print);
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
    return head.rows();
  }

  /** A name for each output, or none at all. */
  public List<String> labels() {
    return labels;
  }

  /** a&lt;0&gt; of a new sequence; a new array. */
  public float[] initialState() {
    return new float[stateSize()];
  }

  /** Takes the steps for one thread. */
  public RnnStepper stepper() {
    return new RnnStepper(this);
  }

  /** In a line: for logs and the start message. */
  public String describe() {
    String layers = cells.size() == 1 ? "one layer" : cells.size() + " layers";
    return String.format(
        Locale.ROOT,
        "%s: Elman RNN, %s of %d, %s, %d outputs, %,d parameters (version %s, kernel %s)",
        name,
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

  Affine head() {
    return head;
  }

  OutputActivation activation() {
    return activation;
  }

  RecurrentCell top() {
    return cells.get(cells.size() - 1);
  }
}
