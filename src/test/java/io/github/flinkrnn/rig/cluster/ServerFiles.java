package io.github.flinkrnn.rig.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The configuration of the servers, which compose also mounts, and their jars. */
final class ServerFiles {
  private static final Path DEPLOYED = Path.of("src/deploy");
  private static final Path JARS = Path.of("target/cluster");

  private ServerFiles() {}

  /** A deployed file. */
  static Path deployed(String path) {
    return DEPLOYED.resolve(path).toAbsolutePath();
  }

  /**
   * Copies a deployed properties file with the settings of this machine.
   *
   * @param to the copy
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
   * A class path of all jars for a kind of server.
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
