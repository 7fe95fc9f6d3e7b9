package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.keras.LayerSpec.Cell;
import io.github.flinkrnn.formats.keras.ModelGraph.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.JsonNode;

/**
 * Reads a model that Keras saved: a Keras 3 archive, the older single HDF5 file, or only weights.
 * The first two include the architecture. For the third it is in {@link #ARCHITECTURE}, the text of
 * {@code model.to_json()}; without that, {@code config.json} defines what is missing.
 */
@Internal
public final class KerasModel {
  public static final String ARCHIVE = "model.keras";
  public static final String LEGACY = "model.h5";
  public static final String WEIGHTS_ONLY = "model.weights.h5";

  /** The architecture next to a file of only weights. */
  private static final String ARCHITECTURE = "model.json";

  private static final String LEGACY_CONFIG = "attribute model_config";

  private KerasModel() {}

  /** A model and its weights. */
  private record Parts(ModelGraph model, Weights weights, boolean isWhole) {}

  /**
   * Reads a file of one of the three formats. For a whole model, {@code model_type} and {@code
   * nonlinearity} in config.json must agree with the file. For weights only, the activations come
   * from config.json too.
   *
   * @throws InvalidFileException when the file is damaged, or holds a network that cannot be
   *     computed step by step as Keras does
   */
  public static LoadedNetwork read(WeightsFile of, NetworkConfig config) throws IOException {
    Parts parts = parts(of, config);
    if (parts.isWhole()) {
      expectAgreement(config, parts.model());
    }
    List<Output> heads = heads(of.path(), parts.model(), config, parts.isWhole());
    NetworkBuilder builder =
        new NetworkBuilder(of.path(), parts.weights(), parts.model(), of.words(), of.kernel());
    LoadedNetwork network = builder.build(heads).withSteps(parts.model().steps());
    if (!parts.isWhole()) {
      return network.withEnd(OutputEnd.UNKNOWN);
    }
    return config.namesHeads() || heads.size() > 1
        ? network.withHeadNames(heads.stream().map(Output::name).toList())
        : network;
  }

  private static Parts parts(WeightsFile of, NetworkConfig config) throws IOException {
    String file = of.path();
    LoadMemory memory = of.memory();
    byte[] bytes = KerasArchive.read(of.files(), of.name(), memory);
    if (of.name().equals(ARCHIVE)) {
      KerasArchive archive = KerasArchive.open(file, bytes, memory);
      String version =
          version(
              ConfigJson.parse(file, KerasArchive.METADATA, archive.entry(KerasArchive.METADATA)));
      JsonNode json =
          ConfigJson.parse(file, KerasArchive.CONFIG, archive.entry(KerasArchive.CONFIG));
      ModelGraph model = Architecture.parse(file, KerasArchive.CONFIG, json, version);
      Hdf5File hdf5 = new Hdf5File(file, archive.entry(KerasArchive.WEIGHTS), memory);
      return new Parts(model, Weights.numbered(file, hdf5, memory), true);
    }
    Hdf5File hdf5 = new Hdf5File(file, bytes, memory);
    Optional<String> inside = hdf5.text("model_config");
    if (of.name().equals(LEGACY) && inside.isPresent()) {
      byte[] bytesOfJson = inside.get().getBytes(StandardCharsets.UTF_8);
      JsonNode json = ConfigJson.parse(file, LEGACY_CONFIG, bytesOfJson);
      String version = hdf5.text("keras_version").orElse("");
      ModelGraph model = Architecture.parse(file, LEGACY_CONFIG, json, version);
      return new Parts(model, Weights.named(file, hdf5, memory), true);
    }
    if (of.files().exists(ARCHITECTURE)) {
      String path = of.files().path(ARCHITECTURE);
      JsonNode json =
          ConfigJson.parse(path, "", of.files().read(ARCHITECTURE, KerasArchive.MAX_JSON));
      ModelGraph model = Architecture.parse(path, "", json, version(json));
      return new Parts(model, Weights.weightsOnly(file, hdf5, memory), true);
    }
    if (of.name().equals(LEGACY)) {
      throw new InvalidFileException(
          file,
          LEGACY_CONFIG,
          "missing: expected a whole model, saved with model.save, or the text of model.to_json() in "
              + ARCHITECTURE
              + " next to the weights");
    }
    Weights weights = Weights.weightsOnly(file, hdf5, memory);
    if (weights.isNamed()) {
      throw new InvalidFileException(
          file,
          "",
          "expected the text of model.to_json() in "
              + ARCHITECTURE
              + " next to weights of Keras 2, which do not show what the layers do");
    }
    ModelGraph model = ModelGraph.chain(new WeightsOnly(file, weights, config).layers());
    return new Parts(model, weights, false);
  }

  /** The version of Keras. Keras 3 does not write it into the text of a model. */
  private static String version(JsonNode json) {
    JsonNode version = json.path("keras_version");
    return version.isString() ? version.stringValue() : json.has("module") ? "3" : "";
  }

  /** The heads: those that config.json names, or else all outputs of the model. */
  private static List<Output> heads(
      String file, ModelGraph model, NetworkConfig config, boolean isWhole) {
    if (!config.namesHeads()) {
      return model.outputs();
    }
    if (!isWhole) {
      throw new InvalidFileException(
          config.file(),
          "outputs",
          "expected only for a whole model, found the weights in " + file);
    }
    List<String> names = model.outputs().stream().map(Output::name).toList();
    List<Output> heads = new ArrayList<>();
    for (NetworkConfig.Head head : config.heads()) {
      int found = names.indexOf(head.name());
      if (found < 0) {
        throw new InvalidFileException(
            config.file(),
            head.place() + ".name",
            "expected an output of "
                + file
                + " ("
                + String.join(", ", names)
                + "), found '"
                + head.name()
                + "'"
                + Nearest.hint(head.name(), names));
      }
      heads.add(model.outputs().get(found));
    }
    return heads;
  }

  private static void expectAgreement(NetworkConfig config, ModelGraph model) {
    for (ModelGraph.Vertex vertex : model.vertices()) {
      if (vertex.spec() != null) {
        vertex.spec().cells().forEach(spec -> expectAgreement(config, spec));
      }
    }
  }

  private static void expectAgreement(NetworkConfig config, LayerSpec spec) {
    Cell cell = (Cell) spec.kind();
    Optional<String> type = config.type();
    if (type.isPresent() && WeightsOnly.type(type.get()) != cell.type()) {
      throw new InvalidFileException(
          config.file(),
          "model_type",
          "expected the type of " + spec.place() + ", found " + type.get());
    }
    Optional<String> nonlinearity = config.nonlinearity().map(WeightsOnly::nameOf);
    if (nonlinearity.isPresent() && !nonlinearity.get().equals(cell.act().name())) {
      throw new InvalidFileException(
          config.file(),
          "nonlinearity",
          "expected "
              + cell.act().name()
              + " as in "
              + spec.place()
              + ", found "
              + nonlinearity.get());
    }
  }
}
