package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds modules and tensors by the names in config.json. Training code puts names before those of
 * the user's module ({@code model.net.}), and wrappers put their own anywhere in a path: {@code
 * module} (DataParallel), {@code _orig_mod} (torch.compile) and others. So a name means the path
 * itself, or else the only path that ends with it, without the names of wrappers.
 */
final class ModulePaths {
  private static final Set<String> WRAPPERS =
      Set.of("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

  private final Map<String, String> plain = new LinkedHashMap<>();

  /**
   * @param paths all that a name may mean
   */
  ModulePaths(Collection<String> paths) {
    paths.forEach(path -> plain.put(path, plain(path)));
  }

  /** The path of the module that a tensor belongs to; empty for the outermost module. */
  static String module(String tensor) {
    return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
  }

  /** The tensors of each module, by their names in it. */
  static Map<String, Map<String, Tensor>> byModule(Collection<Tensor> tensors) {
    Map<String, Map<String, Tensor>> modules = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      String name = tensor.name();
      modules
          .computeIfAbsent(module(name), path -> new LinkedHashMap<>())
          .put(name.substring(name.lastIndexOf('.') + 1), tensor);
    }
    return modules;
  }

  /** The path without wrappers; the path itself if it has nothing else. */
  private static String plain(String path) {
    String plain =
        Stream.of(path.split("\\.", -1))
            .filter(name -> !WRAPPERS.contains(name))
            .collect(Collectors.joining("."));
    return plain.isEmpty() ? path : plain;
  }

  /** The paths that a name may mean; one, unless the name is unknown or ambiguous. */
  List<String> meant(String name) {
    if (plain.containsKey(name)) {
      return List.of(name);
    }
    String end = plain(name);
    List<String> same = where(end::equals);
    String part = "." + end;
    return !same.isEmpty() ? same : where(path -> path.endsWith(part));
  }

  private List<String> where(Predicate<String> isMeant) {
    return plain.entrySet().stream()
        .filter(path -> isMeant.test(path.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The tensor that a name means: its own, or that of a module with a {@code weight}. A name that
   * no tensor has is returned as it is.
   *
   * @param file the name of config.json in errors
   * @param field the field that holds the name
   * @throws InvalidFileException when several tensors end with the name
   */
  String tensor(String name, String file, String field) {
    List<String> found = meant(name);
    if (found.isEmpty()) {
      found = meant(name + ".weight");
    }
    if (found.size() > 1) {
      throw new InvalidFileException(
          file,
          field,
          "expected the path of one tensor, found '"
              + name
              + "', as in "
              + String.join(", ", found));
    }
    return found.isEmpty() ? name : found.get(0);
  }
}
