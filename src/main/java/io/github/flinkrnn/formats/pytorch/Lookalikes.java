package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.formats.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Recognizes modules of a state_dict that are not supported, by their tensors. */
final class Lookalikes {
  private Lookalikes() {}

  /**
   * A phrase for each such module, for an error: {@code module 'bn' is a BatchNorm}.
   *
   * @param tensors the tensors that are not recurrent
   */
  static List<String> of(List<Tensor> tensors) {
    Map<String, Map<String, Tensor>> modules = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      int dot = tensor.name().lastIndexOf('.');
      if (dot > 0) {
        modules
            .computeIfAbsent(tensor.name().substring(0, dot), name -> new LinkedHashMap<>())
            .put(tensor.name().substring(dot + 1), tensor);
      }
    }
    return modules.entrySet().stream()
        .flatMap(
            module ->
                kind(module.getValue()).stream()
                    .map(kind -> "module '" + module.getKey() + "' " + kind))
        .toList();
  }

  private static Optional<String> kind(Map<String, Tensor> module) {
    Tensor weight = module.get("weight");
    if (module.containsKey("running_mean") && module.containsKey("running_var")) {
      return Optional.of("is a BatchNorm");
    }
    if (weight == null) {
      return Optional.empty();
    }
    Tensor bias = module.get("bias");
    return switch (weight.rank()) {
      case 1 ->
          bias == null
              ? Optional.of("looks like an RMSNorm or a PReLU")
              : bias.hasShape(weight.shape())
                  ? Optional.of("looks like a LayerNorm")
                  : Optional.empty();
      case 3 -> Optional.of("looks like a Conv1d");
      case 4 -> Optional.of("looks like a Conv2d");
      default -> Optional.empty();
    };
  }
}
