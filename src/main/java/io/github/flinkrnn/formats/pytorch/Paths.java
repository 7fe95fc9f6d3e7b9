package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds modules and tensors by the names in config.json. Training code puts names before those of
 * the user's module ({@code model.net.}), and wrappers put their own anywhere in a path: {@code
 * module} (DataParallel), {@code _orig_mod} (torch.compile) and others. So a name means the path
 * itself, or else the only path that ends with it, without the names of wrappers.
 */
final class Paths {
  private static final Set<String> WRAPPERS =
      Set.of("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

  private Paths() {}

  /** The path without wrappers; the path itself if it has nothing else. */
  private static String plain(String path) {
    String plain =
        Stream.of(path.split("\\.", -1))
            .filter(name -> !WRAPPERS.contains(name))
            .collect(Collectors.joining("."));
    return plain.isEmpty() ? path : plain;
  }

  /** The paths that a name may mean; one, unless the name is unknown or ambiguous. */
  static List<String> meant(String name, Collection<String> paths) {
    if (paths.contains(name)) {
      return List.of(name);
    }
    String plain = plain(name);
    List<String> same = paths.stream().filter(path -> plain(path).equals(plain)).toList();
    return !same.isEmpty()
        ? same
        : paths.stream().filter(path -> plain(path).endsWith("." + plain)).toList();
  }

  /**
   * The tensor that a name means: its own, or that of a module with a {@code weight}. A name that
   * no tensor has is returned as it is.
   *
   * @param file the name of config.json in errors
   * @param field the field that holds the name
   * @throws InvalidFileException when several tensors end with the name
   */
  static String tensor(String name, Collection<String> tensors, String file, String field) {
    List<String> found = meant(name, tensors);
    if (found.isEmpty()) {
      found = meant(name + ".weight", tensors);
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
