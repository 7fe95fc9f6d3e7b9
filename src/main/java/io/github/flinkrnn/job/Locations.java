package io.github.flinkrnn.job;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.Path;

/** Makes paths absolute. */
@Internal
public final class Locations {
  private Locations() {}

  /**
   * A URI unchanged; a local path as an absolute {@code file:} URI, unescaped, as Flink expects it.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static String absolute(String path) {
    Path given = new Path(path);
    if (given.toUri().getScheme() != null) {
      return given.toString();
    }
    return new Path("file://" + java.nio.file.Path.of(path).toAbsolutePath().normalize())
        .toString();
  }
}
