package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights in a format that is not supported, and fields of config.json that belong to another
 * format.
 */
class OtherWeightsTest {
  @TempDir private Path path;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.pt",
        "model.pth",
        "model.bin",
        "pytorch_model.bin",
        "weights.pt",
        "weights.pth"
      })
  void aPickleIsRejectedWithTheWayToConvertIt(String name) throws IOException {
    ModelDirectory directory = ModelDirectory.in(path);
    Files.write(directory.path(name), new byte[] {(byte) 0x80, 2});
    assertThat(InvalidFile.message(directory::load))
        .isEqualTo(
            directory.path(name)
                + ": not supported: a pickle can run code. Convert it in Python: state = torch.load('"
                + name
                + "', map_location='cpu', weights_only=True);"
                + " safetensors.torch.save_file(state, 'model.safetensors')");
  }

  @Test
  void parametersAreOfOneElmanCell() throws IOException {
    ModelDirectory directory =
        ModelDirectory.in(path)
            .parameters("{\"Waa\":[[1]],\"Wax\":[[1]],\"Wya\":[[1]]}")
            .config("{'model_type': 'gru'}");
    assertThat(InvalidFile.message(directory::load))
        .endsWith("config.json: model_type: expected rnn for parameters.json, found gru");
    directory.config("{'initial_state': 'h0'}");
    assertThat(InvalidFile.message(directory::load))
        .endsWith(
            "config.json: initial_state: expected only for a state_dict, found the weights in"
                + " parameters.json");
    directory.config("{'model_type': 'rnn', 'output': {'activation': 'identity'}}");
    assertThat(directory.load().parameters()).isEqualTo(3);
  }
}
