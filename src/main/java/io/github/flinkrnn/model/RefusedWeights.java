package io.github.flinkrnn.model;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Weights in formats that are not read, each with the Python code that converts them: files of
 * torch.save, which are pickles and can run code, TorchScript, exported programs and TensorFlow's
 * SavedModel.
 */
final class RefusedWeights {
  private static final List<String> KNOWN =
      List.of(
          "model.pt", "model.pth", "model.bin", "pytorch_model.bin", "weights.pt", "weights.pth");
  private static final Pattern OF_TRAINING =
      Pattern.compile("(training_args|optimizer|scheduler|scaler|rng_state|random_states).*");
  private static final Pattern PICKLE = Pattern.compile(".*\\.(pt|pth|bin|ckpt|pkl|pickle)");
  private static final List<String> KEYS =
      List.of("model_state_dict", "state_dict", "model_state", "model");
  private static final String SAVED_MODEL = "saved_model.pb";

  private static final int HEAD_BYTES = 1 << 20;
  private static final int TAIL_BYTES = 1 << 16;
  private static final long MOST_SKIPPED = 256L << 20;

  private final ModelFiles files;
  private final String directory;

  /**
   * @param directory a path that ends with a slash, or an empty string for the model directory
   */
  RefusedWeights(ModelFiles files, String directory) {
    this.files = files;
    this.directory = directory;
  }

  /**
   * Fails if the directory holds such weights.
   *
   * @throws InvalidFileException that says how to convert them
   */
  void refuse() throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (String name : KNOWN) { // first, and also where a directory cannot be listed
      if (files.exists(directory + name)) {
        names.add(name);
      }
    }
    names.addAll(files.list(directory));
    for (String name : names) {
      String path = directory + name;
      if (name.equals(SAVED_MODEL)) {
        throw refused(
            path,
            "a TensorFlow SavedModel. Save the Keras model in one file in Python:"
                + " model.save('model.keras')");
      } else if (name.endsWith(".pt2")) {
        throw refused(
            path,
            "an exported program. Convert it in Python: program = torch.export.load('"
                + path
                + "'); "
                + save("dict(program.state_dict)"));
      } else if (PICKLE.matcher(name).matches() && !OF_TRAINING.matcher(name).matches()) {
        refusePickle(name);
      }
    }
  }

  private void refusePickle(String name) throws IOException {
    String path = directory + name;
    String bytes = ends(path);
    boolean isZip = bytes.startsWith("PK");
    if (name.endsWith(".bin") && !KNOWN.contains(name) && !isZip && !bytes.startsWith("\u0080")) {
      return; // data of another program
    }
    if (isZip && bytes.contains("constants.pkl")) {
      throw refused(
          path,
          "TorchScript. Convert it in Python: module = torch.jit.load('"
              + path
              + "', map_location='cpu'); "
              + save("module.state_dict()"));
    }
    if (bytes.contains("_rebuild_qtensor") || bytes.contains("_packed_params")) {
      throw refused(
          path,
          "a quantized model. Save it before it is quantized, in Python: "
              + save("module.state_dict()"));
    }
    String key = KEYS.stream().filter(each -> hasKey(bytes, each)).findFirst().orElse("");
    String load = "torch.load('" + path + "', map_location='cpu', weights_only=True)";
    boolean isModule = key.isEmpty() && bytes.contains("torch.nn.modules");
    if (isModule || name.endsWith(".pkl") || name.endsWith(".pickle")) {
      throw refused(
          path,
          "a pickle can run code, and this one holds a module, which torch.load(weights_only=True)"
              + " does not read. Save it in Python, where the module is: "
              + save("module.state_dict()"));
    }
    throw refused(
        path,
        "a pickle can run code. Convert it in Python: state = "
            + load
            + (key.isEmpty() ? "" : "['" + key + "']")
            + "; "
            + save("state"));
  }

  private static String save(String state) {
    return "safetensors.torch.save_file(" + state + ", 'model.safetensors')";
  }

  /** Whether a pickle has a string, as the key of a checkpoint is stored. */
  private static boolean hasKey(String bytes, String key) {
    char length = (char) key.length();
    return bytes.contains("X" + length + "\0\0\0" + key) || bytes.contains("\u008c" + length + key);
  }

  /** The first and the last bytes of a file, each as a character. */
  private String ends(String path) throws IOException {
    long size = files.size(path);
    try (InputStream in = files.open(path)) {
      String ends = text(in.readNBytes(HEAD_BYTES));
      long between = size - HEAD_BYTES - TAIL_BYTES;
      if (between > 0 && between <= MOST_SKIPPED) {
        in.skipNBytes(between);
      }
      return between <= MOST_SKIPPED ? ends + text(in.readNBytes(TAIL_BYTES)) : ends;
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private InvalidFileException refused(String path, String why) {
    return new InvalidFileException(files.path(path), "", "not supported: " + why);
  }
}
