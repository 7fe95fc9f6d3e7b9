package io.github.flinkrnn.rig.cluster;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** The JDKs on this machine. */
public final class Jdks {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/lib/jvm"),
          Path.of("/opt"),
          Path.of(System.getProperty("user.home"), ".sdkman/candidates/java"),
          Path.of(System.getProperty("user.home"), ".jdks"));

  private Jdks() {}

  /** The JDK that runs this code. */
  public static Path current() {
    return Path.of(System.getProperty("java.home"));
  }

  /** A JDK of this feature version in one of the usual directories, if there is one. */
  public static Optional<Path> find(int feature) throws IOException {
    for (Path place : PLACES) {
      if (Files.isDirectory(place)) {
        try (Stream<Path> homes = Files.list(place)) {
          Optional<Path> found = homes.sorted().filter(home -> isOf(home, feature)).findFirst();
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(Path home, int feature) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isRegularFile(release)) {
      return false;
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(release)) {
      properties.load(reader);
    } catch (IOException e) {
      return false; // not readable
    }
    String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
    return version.equals(String.valueOf(feature)) || version.startsWith(feature + ".");
  }
}
