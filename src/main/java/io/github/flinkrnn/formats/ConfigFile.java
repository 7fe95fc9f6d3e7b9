package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.Fields;
import java.io.IOException;
import org.apache.flink.annotation.Internal;

/**
 * A model's {@code config.json}, which holds what the weights file does not. Each reader of a model
 * takes its own fields from this object, so that every field is defined in one place.
 *
 * @param file the name of the file in errors
 * @param top the fields at the top of the file
 * @param input the fields of {@code input}
 * @param output the fields of {@code output}
 */
@Internal
public record ConfigFile(String file, Fields top, Fields input, Fields output) {
  private static final String NAME = "config.json";
  private static final int MAX_BYTES = 1 << 20;
  private static final byte[] NOTHING = {'{', '}'};

  /**
   * Reads the file of a model directory. If there is no file, no field is set.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException when the file is not a JSON object
   */
  public static ConfigFile open(ModelFiles files) throws IOException {
    String file = files.path(NAME);
    byte[] json = files.exists(NAME) ? files.read(NAME, MAX_BYTES) : NOTHING;
    Fields top = Fields.of(file, ConfigJson.parse(file, "", json));
    top.listAs(
        "model_type",
        "nonlinearity",
        "input",
        "output",
        "layers",
        "recurrent",
        "initial_state",
        "name",
        "version",
        "state");
    Fields input = top.object("input");
    input.listAs(
        "file", "type", "unknown_token", "lowercase", "size", "embedding", "table_mb", "scale");
    Fields output = top.object("output");
    output.listAs(
        "head", "hidden_activation", "activation", "labels", "unscale", "tensor", "hidden");
    return new ConfigFile(file, top, input, output);
  }

  /**
   * Fails on the first field that nobody has read.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException that lists the known fields
   */
  public void rejectUnknown() {
    input.rejectUnknown();
    output.rejectUnknown();
    top.rejectUnknown();
  }
}
