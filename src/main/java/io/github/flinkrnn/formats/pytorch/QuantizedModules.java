package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Recognizes the modules of a quantized state_dict: integers in the place of weights, or the scales
 * of such integers. Without this, the error would be about a weight that is missing.
 */
final class QuantizedModules {
  private static final Pattern INTEGERS =
      Pattern.compile(
          "(.*\\.)?((weight|bias)(_(ih|hh|hr)(_l\\d{1,4})?(_reverse)?)?"
              + "|qweight|qzeros|zero_points?|\\w*_(packed|packed_params|qdata|zero_point|quantized)"
              + "|weight\\.quant_state\\..*)",
          Pattern.DOTALL);
  private static final Pattern FLOATS =
      Pattern.compile(
          "(.*\\.)?(SCB|scales|absmax|quant_map|zero_points?|(weight|input)\\w*_scale(_inv)?"
              + "|\\w*zero_point|\\w+_fake_quant\\.scale|activation_post_process\\.scale)",
          Pattern.DOTALL);

  private QuantizedModules() {}

  /**
   * Finds the quantized modules.
   *
   * @param integers type and shape of the integer tensors, by name
   * @param refused gets an error for each module
   */
  static void find(
      String file,
      Collection<String> floats,
      Map<String, String> integers,
      Map<String, InvalidFileException> refused) {
    Map<String, String> found = new LinkedHashMap<>();
    integers.forEach(
        (name, what) -> {
          if (INTEGERS.matcher(name).matches()) {
            found.put(name, "expected floats, found " + what);
          }
        });
    for (String name : floats) {
      if (FLOATS.matcher(name).matches()) {
        found.putIfAbsent(name, "expected weights without a scale");
      }
    }
    found.forEach(
        (name, problem) ->
            refused.putIfAbsent(
                ModulePaths.module(name),
                new InvalidFileException(
                    file,
                    "tensor '" + name + "'",
                    problem
                        + ": a quantized model is not supported; save the state_dict of the model"
                        + " before it is quantized, or after its dequantize() if it has one, as"
                        + " F32, F16 or BF16")));
  }
}
