package io.github.flinkrnn.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The servers' configuration, the one that compose mounts, and their jars. */
final class ServerFiles {
  private static final Path DEPLOYED = Path.of("src/deploy");
  private static final Path JARS = Path.of("target/cluster");

  private ServerFiles() {}

  /** A deployed file. */
  static Path deployed(String path) {
    return DEPLOYED.resolve(path).toAbsolutePath();
  }

  /**
   * A copy of a deployed properties file with what is of this machine.
   *
   * @param to receives it
   */
  static void merge(String deployed, Map<String, String> ofThisMachine, Path to)
      throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(deployed(deployed))) {
      properties.load(reader);
    }
    properties.putAll(ofThisMachine);
    try (OutputStream out = Files.newOutputStream(to)) {
      properties.store(out, null);
    }
  }

  /**
   * A class path of all jars of a kind of server.
   *
   * @param kind {@code flink}, {@code kafka} or {@code zookeeper}
   */
  static String jars(String kind) throws IOException {
    Path jars = JARS.resolve(kind).toAbsolutePath();
    if (!Files.isDirectory(jars)) {
      throw new IOException(jars + " is missing: mvn pre-integration-test makes it");
    }
    return jars + "/*";
  }
}
