package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.OptionalLibrary;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
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
import io.github.flinkrnn.formats.safetensors.ShardedSafeTensors;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.network.FieldsNetwork;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputActivation;
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
  private static final int TABLE_MEGABYTES = 64;
  private static final int MAX_VOCABULARY_BYTES = 256 << 20;

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private final ModelFiles files;
  private final WeightsSearch search;
  private final ModelFiles base;
  private final Kernel kernel;
  private final LoadMemory memory = LoadMemory.ofThisProcess();

  private ModelLoader(ModelFiles files, Kernel kernel) throws IOException {
    this.files = files;
    this.search = WeightsSearch.in(files);
    this.base = search.base();
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
    ConfigFile file = ConfigFile.open(base);
    NetworkConfig ofNetwork = NetworkConfig.read(file);
    StateDictConfig ofStateDict = StateDictConfig.read(file);
    StepNames ofStepGraph = StepNames.read(file);
    ModelConfig config = ModelConfig.read(file, base);
    FieldsReader.Read fields = FieldsReader.read(file, name -> vocabulary(name, false, null));
    file.rejectUnknown();
    if (fields != null) {
      ofStepGraph = ofStepGraph.withFields(fields.recordFields());
    }
    Vocabulary vocabulary = null;
    if (config.words()) {
      vocabulary =
          vocabulary(
              config.vocabularyFile(), config.lowercase(), config.unknownToken().orElse(null));
    } else if (fields == null && !file.input().has("type")) {
      search.refuseStrayVocabulary();
    }
    WeightsFile weights =
        new WeightsFile(
            search.weights(),
            search.name(),
            vocabulary == null ? 0 : vocabulary.size(),
            fields == null ? List.of() : fields.tensors(),
            memory,
            kernel);
    LoadedNetwork loaded;
    try {
      loaded = network(weights, ofNetwork, ofStateDict, ofStepGraph);
    } catch (NoClassDefFoundError e) {
      throw new InvalidFileException(weights.path(), "", OptionalLibrary.missing(e));
    }
    List<Head> heads;
    Network network = loaded.network();
    ModelInput input = new ModelInput.Features(network.inputSize(), config.scale());
    boolean fits = false;
    try {
      check(ofNetwork, network, vocabulary);
      heads = heads(ofNetwork, loaded, config, weights.path());
      checkScales(file, network, heads);
      if (fields != null) {
        fields = fields.withIntegers(loaded.integers());
        List<InputPart> parts = fields.parts(loaded.embeddings());
        checkFields(file, network, parts, weights.path());
        memory.take(weights.path(), FieldsNetwork.bytes(network));
        network = network.withFields(parts, tableBytes(config), kernel);
        input = new ModelInput.Fields(fields.fields(), parts);
      } else if (vocabulary != null) {
        network = network.withTable(vocabulary.size(), tableBytes(config));
        String how = network.describe().wordInput();
        input = new ModelInput.Words(vocabulary, network.inputSize(), how);
      }
      fits = true;
    } finally {
      if (!fits) {
        loaded.network().close();
      }
    }
    String name = config.name().orElseGet(this::directoryName);
    return new RnnModel(name, config.version(), input, network, loaded, heads);
  }

  private static List<Head> heads(
      NetworkConfig config, LoadedNetwork loaded, ModelConfig model, String weights) {
    List<Head> heads = new ArrayList<>();
    int[] sizes = loaded.network().headSizes();
    List<NetworkConfig.Head> named = named(config, loaded, model, weights);
    for (int h = 0; h < sizes.length; h++) {
      NetworkConfig.Head said = named.get(h);
      OutputEnd end = loaded.ends().get(h);
      List<String> labels = said.labels();
      if (!labels.isEmpty() && labels.size() != sizes[h]) {
        String problem = "expected as many labels as " + weights + " has outputs (" + sizes[h];
        throw new InvalidFileException(
            config.file(), said.place() + ".labels", problem + "), found " + labels.size());
      }
      heads.add(
          new Head(
              said.name(),
              sizes[h],
              activation(config.file(), said, end, sizes[h], weights),
              end.isComputed(),
              List.copyOf(labels),
              model.unscales().get(Math.min(h, model.unscales().size() - 1))));
    }
    return heads;
  }

  /** The heads as config.json names them, or else as the weights file does. */
  private static List<NetworkConfig.Head> named(
      NetworkConfig config, LoadedNetwork loaded, ModelConfig model, String weights) {
    if (config.namesHeads() || loaded.headNames().isEmpty()) {
      return config.heads();
    }
    NetworkConfig.Head said = config.heads().get(0);
    String field = null;
    if (said.activation().isPresent()) {
      field = "activation";
    } else if (!said.labels().isEmpty()) {
      field = "labels";
    } else if (model.unscales().get(0) != null) {
      field = "unscale";
    }
    if (field != null) {
      throw new InvalidFileException(
          config.file(),
          "output." + field,
          "expected in outputs, because "
              + weights
              + " has several heads: "
              + String.join(", ", loaded.headNames()));
    }
    return loaded.headNames().stream()
        .map(name -> new NetworkConfig.Head(name, "outputs", Optional.empty(), List.of()))
        .toList();
  }

  /** Checks that the fields make x&lt;t&gt; as long as the weights take it. */
  private static void checkFields(
      ConfigFile file, Network network, List<InputPart> parts, String weights) {
    long width = parts.stream().mapToLong(InputPart::width).sum();
    if (network.oneHotSize() == 0 && network.inputSize() == 0) {
      throw file.input()
          .invalid("fields", "expected only for a network that takes numbers, found one of ids");
    }
    if (width != network.inputSize()) {
      throw file.input()
          .invalid(
              "fields",
              "expected "
                  + network.inputSize()
                  + " numbers, the x<t> of "
                  + weights
                  + ", found "
                  + width
                  + ": "
                  + FieldsReader.widths(parts));
    }
  }

  /** The output activation, from config.json and the weights file. */
  private static OutputActivation activation(
      String config, NetworkConfig.Head head, OutputEnd end, int size, String weights) {
    Optional<OutputActivation> said = head.activation();
    Optional<OutputActivation> file = end.activation();
    String problem = null;
    if (file.isEmpty() && said.isEmpty() && size == 1) {
      problem =
          "missing: expected sigmoid or identity, because "
              + (head.name().isEmpty() ? weights : "the head")
              + " has one output, whose softmax is always 1.0 (set softmax if that is intended)";
    } else if (file.isPresent()
        && file.get() != OutputActivation.IDENTITY
        && !said.orElse(file.get()).equals(file.get())) {
      String ends = name(file.get());
      problem = "expected " + ends + " (applied once) or no such field, because " + weights;
      problem += " ends in " + ends + ", found " + name(said.get());
    }
    if (problem != null) {
      throw new InvalidFileException(config, head.place() + ".activation", problem);
    }
    return said.or(() -> file).orElse(OutputActivation.SOFTMAX);
  }

  private static String name(OutputActivation activation) {
    return activation.name().toLowerCase(Locale.ROOT);
  }

  private Vocabulary vocabulary(String name, boolean lowercase, String unknown) throws IOException {
    if (!base.exists(name)) {
      throw new InvalidFileException(
          base.path(name), "", "missing: expected the words of a vocabulary model");
    }
    if (base.size(name) > MAX_VOCABULARY_BYTES) {
      throw new InvalidFileException(
          base.path(name), "", "expected at most " + MAX_VOCABULARY_BYTES + " bytes, found more");
    }
    try (InputStream words = base.open(name)) {
      return Vocabulary.read(base.path(name), words, lowercase, unknown, memory);
    }
  }

  /** The maximum size of the table: from the config, else limited by the memory that is left. */
  private long tableBytes(ModelConfig config) {
    long most = config.tableMegabytes().orElse(TABLE_MEGABYTES) * 1_000_000L;
    return config.tableMegabytes().isPresent() ? most : Math.min(most, memory.left());
  }

  private LoadedNetwork network(
      WeightsFile weights, NetworkConfig config, StateDictConfig ofStateDict, StepNames ofStepGraph)
      throws IOException {
    String name = weights.name();
    boolean isSharded = name.equals(WeightsSearch.SHARDED);
    if (!name.equals(WeightsSearch.SAFETENSORS) && !isSharded) {
      ofStateDict.rejectBeside(name, !name.equals(WeightsSearch.PARAMETERS));
      for (WeightsFile.CategoryTensor category : weights.embeddings()) {
        throw new InvalidFileException(
            config.file(),
            category.place() + ".embedding",
            "expected only for a state_dict, found the weights in " + name);
      }
    }
    if (!name.equals(WeightsSearch.ONNX)) {
      ofStepGraph.rejectBeside(name);
    }
    return switch (name) {
      case WeightsSearch.PARAMETERS -> CourseParameters.read(weights, config);
      case WeightsSearch.ONNX -> OnnxModel.read(weights, config, ofStepGraph);
      case KerasModel.ARCHIVE, KerasModel.LEGACY, KerasModel.WEIGHTS_ONLY ->
          KerasModel.read(weights, config);
      default ->
          StateDict.read(
              weights,
              isSharded
                  ? ShardedSafeTensors.read(weights.files(), name, memory)
                  : SafeTensors.read(weights.files(), name, memory),
              config,
              ofStateDict);
    };
  }

  private static void checkScales(ConfigFile file, Network network, List<Head> heads) {
    if (file.input().has("scale")) {
      ScaleReader.expectLength(file.input(), "scale", network.inputSize());
    }
    for (int h = 0; h < heads.size(); h++) {
      Head head = heads.get(h);
      if (head.unscale() == null) {
        continue;
      }
      Fields output = file.outputs().isEmpty() ? file.output() : file.outputs().get(h);
      ScaleReader.expectLength(output, "unscale", head.size());
      if (head.activation() != OutputActivation.IDENTITY) {
        throw output.invalid(
            "unscale", "expected only with activation identity, found " + name(head.activation()));
      }
    }
  }

  private static void check(NetworkConfig config, Network network, Vocabulary vocabulary) {
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
  }

  private String directoryName() {
    Path name = Path.of(files.location()).toAbsolutePath().normalize().getFileName();
    return name == null ? "model" : name.toString();
  }
}
