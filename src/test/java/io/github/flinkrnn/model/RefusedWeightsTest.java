package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in other formats are refused with the Python code that converts them. */
class RefusedWeightsTest {
  @TempDir private Path path;

  /** The message for a file with these bytes, each a character. */
  private String rejected(String name, String bytes) throws IOException {
    Path file = path.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.getBytes(StandardCharsets.ISO_8859_1));
    String message = InvalidFile.message(() -> RnnModel.load(path));
    Files.delete(file);
    assertThat(message).startsWith(file + ": not supported: ");
    return message.substring((file + ": not supported: ").length());
  }

  private static String convert(String name, String key) {
    return "a pickle can run code. Convert it in Python: state = torch.load('"
        + name
        + "', map_location='cpu', weights_only=True)"
        + key
        + "; safetensors.torch.save_file(state, 'model.safetensors')";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.pth",
        "data/model.pth",
        "best.ckpt",
        "state_dict.pth",
        "artifacts/net.pt",
        "onnx/pytorch_model.bin",
        "pytorch_model-00001-of-00002.bin"
      })
  void aStateDict(String name) throws IOException {
    assertThat(rejected(name, "PK\3\4archive/data.pkl\u0080\2ccollections\nOrderedDict\n"))
        .isEqualTo(convert(name, ""));
  }

  @Test
  void aCheckpoint() throws IOException {
    assertThat(rejected("last.ckpt", "PK\3\4a/data.pkl\u0080\2}(X\n\0\0\0state_dict"))
        .isEqualTo(convert("last.ckpt", "['state_dict']"));
    assertThat(rejected("a.pt", "PK\3\4a/data.pkl\u0080\4}(\u008c\u0010model_state_dict"))
        .isEqualTo(convert("a.pt", "['model_state_dict']"));
  }

  @Test
  void aModule() throws IOException {
    String module =
        "a pickle can run code, and this one holds a module, which torch.load(weights_only=True)"
            + " does not read. Save it in Python, where the module is:"
            + " safetensors.torch.save_file(module.state_dict(), 'model.safetensors')";
    assertThat(rejected("data/model.pth", "PK\3\4a/data.pkl\u0080\2ctorch.nn.modules.rnn\nGRU\n"))
        .isEqualTo(module);
    assertThat(rejected("python_model.pkl", "\u0080\4")).isEqualTo(module);
  }

  @Test
  void torchScript() throws IOException {
    String expected =
        "TorchScript. Convert it in Python: module = torch.jit.load('model.pt',"
            + " map_location='cpu'); safetensors.torch.save_file(module.state_dict(),"
            + " 'model.safetensors')";
    assertThat(rejected("model.pt", "PK\3\4m/data.pkl m/code/__torch__.py m/constants.pkl"))
        .isEqualTo(expected);
    String large = "PK\3\4" + "\0".repeat(3_000_000); // the names are at the end, too
    assertThat(rejected("model.pt", large + "m/constants.pkl")).isEqualTo(expected);
  }

  @Test
  void aQuantizedStateDict() throws IOException {
    assertThat(rejected("model.pt", "PK\3\4a/data.pkl ctorch._utils\n_rebuild_qtensor\n"))
        .isEqualTo(
            "a quantized model. Save it before it is quantized, in Python:"
                + " safetensors.torch.save_file(module.state_dict(), 'model.safetensors')");
  }

  @Test
  void anExportedProgram() throws IOException {
    assertThat(rejected("model.pt2", "PK"))
        .isEqualTo(
            "an exported program. Convert it in Python: program = torch.export.load('model.pt2');"
                + " safetensors.torch.save_file(dict(program.state_dict), 'model.safetensors')");
  }

  @Test
  void aSavedModel() throws IOException {
    assertThat(rejected("data/model/saved_model.pb", "x"))
        .isEqualTo(
            "a TensorFlow SavedModel. Save the Keras model in one file in Python:"
                + " model.save('model.keras')");
  }

  @Test
  void filesOfTrainingAreNoWeights() throws IOException {
    for (String name :
        new String[] {"training_args.bin", "optimizer.pt", "rng_state_0.pth", "words.bin"}) {
      Files.write(path.resolve(name), new byte[] {'x'});
    }
    assertThat(InvalidFile.message(() -> RnnModel.load(path))).endsWith("found none");
  }

  @Test
  void aFileOfTorchSaveWithTheNameOfAnother() throws IOException {
    for (byte[] bytes :
        new byte[][] {{'P', 'K', 3, 4, 0, 0, 0, 0}, {(byte) 0x80, 2, 0, 0, 0, 0, 0, 1}}) {
      Files.write(path.resolve("model.safetensors"), bytes);
      assertThat(InvalidFile.message(() -> RnnModel.load(path)))
          .startsWith(
              path.resolve("model.safetensors") + ": header length: expected at most 0, found ")
          .endsWith(
              "; it is a file of torch.save: load it in Python with torch.load(weights_only=True)"
                  + " and save the state_dict with safetensors.torch.save_file");
    }
  }
}
