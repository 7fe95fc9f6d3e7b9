package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.Fields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A model's {@code config.json}, which holds what the weights file does not. Each reader of a model
 * takes its own fields from this object, so that every field is defined in one place.
 *
 * @param file the name of the file in errors
 * @param top the fields at the top of the file
 * @param input the fields of {@code input}
 * @param output the fields of {@code output}
 * @param outputs the fields of each element of {@code outputs}
 */
@Internal
public record ConfigFile(
    String file, Fields top, Fields input, Fields output, List<Fields> outputs) {
  private static final int MAX_HEADS = 1000;
  private static final String NAME = "config.json";
  private static final int MAX_BYTES = 1 << 20;
  private static final List<String> OF_ONE_HEAD =
      List.of("head", "hidden_activation", "activation", "labels", "unscale", "tensor");
  private static final List<String> OF_TRANSFORMERS =
      List.of("architectures", "transformers_version", "torch_dtype", "_name_or_path", "auto_map");
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
    refuseForeign(top);
    top.listAs(
        "model_type",
        "nonlinearity",
        "input",
        "output",
        "outputs",
        "inputs",
        "constants",
        "layers",
        "recurrent",
        "initial_state",
        "name",
        "version",
        "state");
    Fields input = top.object("input");
    input.listAs(
        "file",
        "type",
        "unknown_token",
        "lowercase",
        "size",
        "embedding",
        "table_mb",
        "scale",
        "fields");
    Fields output = top.object("output");
    output.listAs(
        "head", "hidden_activation", "activation", "labels", "unscale", "tensor", "hidden", "read");
    List<Fields> outputs = outputs(top, output);
    return new ConfigFile(file, top, input, output, outputs);
  }

  /** A repository of Hugging Face has a file of this name, which says other things. */
  private static void refuseForeign(Fields top) {
    for (String field : OF_TRANSFORMERS) {
      if (top.names().contains(field)) {
        throw top.invalid(
            field,
            "unknown field: this file is the config.json of Hugging Face transformers; replace it"
                + " by one with only what the weights do not say, such as {\"output\":"
                + " {\"activation\": \"softmax\"}}, or by {}");
      }
    }
  }

  private static List<Fields> outputs(Fields top, Fields output) {
    List<Fields> outputs = new ArrayList<>();
    for (Fields.Element element : top.elements("outputs", MAX_HEADS)) {
      if (element.object() == null) {
        throw top.invalid("outputs[" + outputs.size() + "]", "expected an object, found a string");
      }
      outputs.add(element.object());
    }
    if (!top.has("outputs")) {
      return outputs;
    }
    if (outputs.isEmpty()) {
      throw top.invalid("outputs", "expected at least one head, found none");
    }
    for (String field : OF_ONE_HEAD) {
      if (output.has(field)) {
        throw output.invalid(
            field, "expected only without outputs, in which each head has its own");
      }
    }
    return outputs;
  }

  /**
   * Fails on the first field that nobody has read.
   *
   * @throws io.github.flinkrnn.config.InvalidFileException that lists the known fields
   */
  public void rejectUnknown() {
    input.rejectUnknown();
    output.rejectUnknown();
    outputs.forEach(Fields::rejectUnknown);
    top.rejectUnknown();
  }
}
