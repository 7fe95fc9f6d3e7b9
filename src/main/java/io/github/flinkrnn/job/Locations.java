package io.github.flinkrnn.job;

import org.apache.flink.core.fs.Path;

/** Paths as people type them, made whole. */
public final class Locations {
  private Locations() {}

  /**
   * A URI as it is; a path of this machine as an absolute {@code file:} URI, unescaped, as Flink
   * reads them.
   *
   * @throws IllegalArgumentException when it is neither
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
