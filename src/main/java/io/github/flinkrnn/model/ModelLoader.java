package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.OptionalLibrary;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.keras.KerasModel;
import io.github.flinkrnn.formats.onnx.OnnxModel;
import io.github.flinkrnn.formats.onnx.StepNames;
import io.github.flinkrnn.formats.parameters.CourseParameters;
import io.github.flinkrnn.formats.pytorch.StateDict;
import io.github.flinkrnn.formats.pytorch.StateDictConfig;
import io.github.flinkrnn.formats.safetensors.SafeTensors;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
import io.github.flinkrnn.network.ScaledNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads a model from its directory: the config, the weights in any format and the vocabulary. */
final class ModelLoader {
  private static final String SAFETENSORS = "model.safetensors";
  private static final String PARAMETERS = "parameters.json";
  private static final String ONNX = "model.onnx";
  private static final List<String> WEIGHTS =
      List.of(
          SAFETENSORS,
          PARAMETERS,
          ONNX,
          KerasModel.ARCHIVE,
          KerasModel.LEGACY,
          KerasModel.WEIGHTS_ALONE);
  private static final List<String> PICKLES =
      List.of(
          "model.pt", "model.pth", "model.bin", "pytorch_model.bin", "weights.pt", "weights.pth");
  private static final int TABLE_MEGABYTES = 64;
  private static final int MAX_VOCABULARY_BYTES = 256 << 20;

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private final ModelFiles files;
  private final Kernel kernel;
  private final LoadMemory memory = LoadMemory.ofThisProcess();

  private ModelLoader(ModelFiles files, Kernel kernel) {
    this.files = files;
    this.kernel = kernel;
  }

  static RnnModel load(ModelFiles files, Kernel kernel) throws IOException {
    try (LoadWatch watch = new LoadWatch(files, LONG, LOG::warn)) {
      try {
        return new ModelLoader(watch, kernel).load();
      } catch (OutOfMemoryError e) {
        throw new InvalidFileException(
            watch.at(), "", "expected more memory for the model, found " + heap());
      } catch (StackOverflowError e) {
        throw new InvalidFileException(watch.at(), "", "cannot be read: nested too deeply");
      }
    }
  }

  private static String heap() {
    long megabytes = Runtime.getRuntime().maxMemory() / 1_000_000;
    return String.format(Locale.ROOT, "a heap of %,d MB", megabytes);
  }

  private RnnModel load() throws IOException {
    ConfigFile file = ConfigFile.open(files);
    NetworkConfig ofNetwork = NetworkConfig.read(file);
    StateDictConfig ofStateDict = StateDictConfig.read(file);
    StepNames ofStepGraph = StepNames.read(file);
    ModelConfig config = ModelConfig.read(file, files);
    file.rejectUnknown();
    Vocabulary vocabulary = config.words() ? vocabulary(config) : null;
    WeightsFile weights =
        new WeightsFile(
            files, weightsFile(), vocabulary == null ? 0 : vocabulary.size(), memory, kernel);
    LoadedNetwork loaded;
    try {
      loaded = network(weights, ofNetwork, ofStateDict, ofStepGraph);
    } catch (NoClassDefFoundError e) {
      throw new InvalidFileException(weights.path(), "", OptionalLibrary.missing(e));
    }
    OutputActivation activation;
    boolean fits = false;
    try {
      check(ofNetwork, loaded.network(), vocabulary, weights.path());
      activation = activation(ofNetwork, loaded, weights.path());
      checkScales(file, loaded.network(), config, activation);
      fits = true;
    } finally {
      if (!fits) {
        loaded.network().close();
      }
    }
    Network network = loaded.network();
    ModelInput input = new ModelInput.Features(network.inputSize(), config.scale());
    if (config.scale() != null) {
      network = new ScaledNetwork(network, config.scale());
    } else if (vocabulary != null) {
      network = network.withTable(vocabulary.size(), tableBytes(config));
      input = new ModelInput.Words(vocabulary, network.inputSize(), network.describe().wordInput());
    }
    String name = config.name().orElseGet(this::directoryName);
    return new RnnModel(
        name,
        config.version(),
        input,
        network,
        loaded,
        activation,
        config.unscale(),
        ofNetwork.labels());
  }

  /** The output activation, from config.json and the weights file. */
  private static OutputActivation activation(
      NetworkConfig config, LoadedNetwork loaded, String weights) {
    Optional<OutputActivation> said = config.activation();
    Optional<OutputActivation> file = loaded.end().activation();
    String problem = null;
    if (file.isEmpty() && said.isEmpty() && loaded.network().outputSize() == 1) {
      problem =
          "missing: expected sigmoid or identity, because "
              + weights
              + " has one output, whose softmax is always 1.0 (set softmax if that is intended)";
    } else if (file.isPresent()
        && file.get() != OutputActivation.IDENTITY
        && !said.orElse(file.get()).equals(file.get())) {
      String ends = name(file.get());
      problem = "expected " + ends + " (applied once) or no such field, because " + weights;
      problem += " ends in " + ends + ", found " + name(said.get());
    }
    if (problem != null) {
      throw new InvalidFileException(config.file(), "output.activation", problem);
    }
    return said.or(() -> file).orElse(OutputActivation.SOFTMAX);
  }

  private static String name(OutputActivation activation) {
    return activation.name().toLowerCase(Locale.ROOT);
  }

  private Vocabulary vocabulary(ModelConfig config) throws IOException {
    String name = config.vocabularyFile();
    if (!files.exists(name)) {
      throw new InvalidFileException(
          files.path(name), "", "missing: expected the words of a vocabulary model");
    }
    if (files.size(name) > MAX_VOCABULARY_BYTES) {
      throw new InvalidFileException(
          files.path(name), "", "expected at most " + MAX_VOCABULARY_BYTES + " bytes, found more");
    }
    try (InputStream words = files.open(name)) {
      return Vocabulary.read(
          files.path(name), words, config.lowercase(), config.unknownToken().orElse(null), memory);
    }
  }

  /** The maximum size of the table: from the config, else limited by the memory that is left. */
  private long tableBytes(ModelConfig config) {
    long most = config.tableMegabytes().orElse(TABLE_MEGABYTES) * 1_000_000L;
    return config.tableMegabytes().isPresent() ? most : Math.min(most, memory.left());
  }

  /** The only weights file in the directory, of any format. */
  private String weightsFile() throws IOException {
    List<String> found = new ArrayList<>();
    for (String name : WEIGHTS) {
      if (files.exists(name)) {
        found.add(name);
      }
    }
    if (found.isEmpty()) {
      refusePickles();
    }
    if (found.size() != 1) {
      String one = "expected one of " + String.join(", ", WEIGHTS);
      String problem =
          one
              + " in the model directory, found "
              + (found.isEmpty() ? "none" : String.join(" and ", found));
      throw new InvalidFileException(files.location(), "", problem);
    }
    return found.get(0);
  }

  /** Rejects files of torch.save, because they can contain code that runs when they are read. */
  private void refusePickles() throws IOException {
    for (String name : PICKLES) {
      if (files.exists(name)) {
        throw new InvalidFileException(
            files.path(name),
            "",
            "not supported: a pickle can run code. Convert it in Python: state = torch.load('"
                + name
                + "', map_location='cpu', weights_only=True); "
                + "safetensors.torch.save_file(state, 'model.safetensors')");
      }
    }
  }

  private LoadedNetwork network(
      WeightsFile weights, NetworkConfig config, StateDictConfig ofStateDict, StepNames ofStepGraph)
      throws IOException {
    String name = weights.name();
    if (!name.equals(SAFETENSORS)) {
      ofStateDict.rejectBeside(name);
    }
    if (!name.equals(ONNX)) {
      ofStepGraph.rejectBeside(name);
    }
    return switch (name) {
      case PARAMETERS -> CourseParameters.read(weights, config);
      case ONNX -> OnnxModel.read(weights, config, ofStepGraph);
      case KerasModel.ARCHIVE, KerasModel.LEGACY, KerasModel.WEIGHTS_ALONE ->
          KerasModel.read(weights, config);
      default ->
          StateDict.read(weights, SafeTensors.read(files, name, memory), config, ofStateDict);
    };
  }

  private static void checkScales(
      ConfigFile file, Network network, ModelConfig config, OutputActivation activation) {
    if (config.scale() != null) {
      ScaleReader.expectLength(file.input(), "scale", network.inputSize());
    }
    if (config.unscale() != null) {
      ScaleReader.expectLength(file.output(), "unscale", network.outputSize());
      if (activation != OutputActivation.IDENTITY) {
        throw file.output()
            .invalid(
                "unscale", "expected only with activation identity, found " + name(activation));
      }
    }
  }

  private static void check(
      NetworkConfig config, Network network, Vocabulary vocabulary, String weights) {
    int inputSize = network.inputSize();
    int oneHotSize = network.oneHotSize();
    if (vocabulary != null && oneHotSize > 0 && vocabulary.size() != oneHotSize) {
      throw new InvalidFileException(
          config.file(),
          "input.file",
          "expected "
              + oneHotSize
              + " words, one for each one-hot input of the weights, found "
              + vocabulary.size());
    }
    if (config.inputSize().isPresent() && config.inputSize().get() != inputSize) {
      throw new InvalidFileException(
          config.file(),
          "input.size",
          "expected " + inputSize + " as in the weights, found " + config.inputSize().get());
    }
    int outputs = network.outputSize();
    List<String> labels = config.labels();
    if (!labels.isEmpty() && labels.size() != outputs) {
      String problem = "expected as many labels as " + weights + " has outputs (" + outputs + ")";
      throw new InvalidFileException(
          config.file(), "output.labels", problem + ", found " + labels.size());
    }
  }

  private String directoryName() {
    Path name = Path.of(files.location()).toAbsolutePath().normalize().getFileName();
    return name == null ? "model" : name.toString();
  }
}
