package io.github.flinkrnn.formats.keras;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;

/**
 * Descriptions of models for the weights of simple-rnn: a SimpleRNN of 4 to 6 and a Dense of 6 to
 * 3. Single quotes stand for double quotes.
 */
final class SmallArchitecture {
  static final String RNN =
      "{'class_name': 'SimpleRNN', 'config': {'name': 'r', 'units': 6, 'activation': 'tanh'}}";
  static final String DENSE =
      "{'class_name': 'Dense', 'config': {'name': 'd', 'units': 3, 'activation': 'softmax'}}";

  private SmallArchitecture() {}

  static String sequential(String... layers) {
    return "{'class_name': 'Sequential', 'config': {'layers': ["
        + String.join(", ", layers)
        + "]}}";
  }

  /** A layer of the name x. */
  static String layer(String className, String config) {
    return layer(className, "x", config);
  }

  /**
   * A layer.
   *
   * @param config its other options, after a comma
   */
  static String layer(String className, String name, String config) {
    return "{'class_name': '" + className + "', 'config': {'name': '" + name + "'" + config + "}}";
  }

  /** A model directory with this architecture. */
  static KerasFiles files(String architecture) throws IOException {
    return new KerasFiles().archive(architecture, "simple-rnn");
  }

  /** The error of a model that is not read. */
  static String rejected(KerasFiles files) {
    return catchThrowableOfType(InvalidFileException.class, files::load).getMessage();
  }
}
