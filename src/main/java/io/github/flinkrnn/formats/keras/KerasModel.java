package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.layer.Activation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.JsonNode;

/**
 * Reads a model that Keras saved: a Keras 3 archive, the older single HDF5 file, or only weights.
 * The first two include the architecture. For the third, {@code config.json} defines what is
 * missing. An Embedding's {@code mask_zero} is ignored: word 0 is then padding, which a stream does
 * not have.
 */
@Internal
public final class KerasModel {
  public static final String ARCHIVE = "model.keras";
  public static final String LEGACY = "model.h5";
  public static final String WEIGHTS_ALONE = "model.weights.h5";

  private static final String LEGACY_CONFIG = "attribute model_config";

  private KerasModel() {}

  /**
   * Reads a file of one of the three formats. For a whole model, {@code model_type} and {@code
   * nonlinearity} in config.json must agree with the file. For weights only, the activations come
   * from config.json too.
   *
   * @throws InvalidFileException when the file is damaged, or holds a network that cannot be
   *     computed step by step as Keras does
   */
  public static LoadedNetwork read(WeightsFile of, NetworkConfig config) throws IOException {
    String file = of.path();
    LoadMemory memory = of.memory();
    byte[] bytes = KerasArchive.read(of.files(), of.name(), memory);
    Architecture.Model model;
    Weights weights;
    String version;
    switch (of.name()) {
      case ARCHIVE -> {
        KerasArchive archive = KerasArchive.open(file, bytes, memory);
        version = versionInMetadata(file, archive.entry(KerasArchive.METADATA));
        model = Architecture.parse(file, KerasArchive.CONFIG, archive.entry(KerasArchive.CONFIG));
        weights =
            Weights.numbered(file, new Hdf5File(file, archive.entry(KerasArchive.WEIGHTS), memory));
      }
      case LEGACY -> {
        Hdf5File hdf5 = new Hdf5File(file, bytes, memory);
        version = hdf5.text("keras_version").orElse("");
        byte[] json =
            hdf5.text("model_config")
                .orElseThrow(
                    () ->
                        new InvalidFileException(
                            file,
                            LEGACY_CONFIG,
                            "missing: expected a whole model, saved with model.save"))
                .getBytes(StandardCharsets.UTF_8);
        model = Architecture.parse(file, LEGACY_CONFIG, json);
        weights = Weights.named(file, hdf5);
      }
      default -> {
        version = "";
        weights = Weights.numbered(file, new Hdf5File(file, bytes, memory));
        model = new Architecture.Model(new WeightsAlone(file, weights, config).layers(), 0);
      }
    }
    boolean isWhole = !of.name().equals(WEIGHTS_ALONE);
    if (isWhole) {
      expectAgreement(config, model.layers());
    }
    LoadedNetwork network =
        new LayerStack(file, weights, activations(version), of.words(), of.kernel())
            .build(model.layers());
    return network.withEnd(isWhole ? network.end() : OutputEnd.UNKNOWN).withSteps(model.steps());
  }

  private static String versionInMetadata(String file, byte[] json) {
    JsonNode version = ConfigJson.parse(file, KerasArchive.METADATA, json).path("keras_version");
    return version.isString() ? version.stringValue() : "";
  }

  // Keras 2 and Keras 3 define hard_sigmoid differently.
  private static Map<String, Activation> activations(String version) {
    Map<String, Activation> activations = new LinkedHashMap<>();
    activations.put("tanh", Activation.TANH);
    activations.put("relu", Activation.RELU);
    activations.put("sigmoid", Activation.SIGMOID);
    if (!version.isEmpty()) {
      boolean isOld = version.startsWith("1.") || version.startsWith("2.");
      activations.put(
          "hard_sigmoid", isOld ? Activation.HARD_SIGMOID_FIFTH : Activation.HARD_SIGMOID_SIXTH);
    }
    activations.put("gelu", Activation.GELU);
    activations.put("silu", Activation.SILU);
    activations.put("swish", Activation.SILU);
    activations.put("elu", Activation.ELU);
    activations.put("softplus", Activation.SOFTPLUS);
    activations.put("linear", Activation.IDENTITY);
    return activations;
  }

  private static void expectAgreement(NetworkConfig config, List<LayerSpec> layers) {
    for (LayerSpec layer : layers) {
      if (!layer.type().isRecurrent()) {
        continue;
      }
      Optional<String> type = config.type();
      if (type.isPresent() && !WeightsAlone.type(type.get()).equals(layer.type())) {
        throw new InvalidFileException(
            config.file(),
            "model_type",
            "expected the type of " + layer.place() + ", found " + type.get());
      }
      Optional<String> nonlinearity = config.nonlinearity().map(WeightsAlone::nameOf);
      if (nonlinearity.isPresent() && !nonlinearity.get().equals(layer.activation())) {
        throw new InvalidFileException(
            config.file(),
            "nonlinearity",
            "expected "
                + layer.activation()
                + " as in "
                + layer.place()
                + ", found "
                + nonlinearity.get());
      }
    }
  }
}
