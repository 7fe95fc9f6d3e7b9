package io.github.flinkrnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** A directory for as long as this process runs, whichever way it ends (but for a kill -9). */
final class TemporaryDirectory {
  private static final int ATTEMPTS = 20;

  private final Path path;

  TemporaryDirectory() throws IOException {
    path = Files.createTempDirectory("flink-rnn-");
    Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
  }

  /** Again and again: a broker that is being interrupted still writes. */
  private void delete() {
    for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
      FileUtils.deleteDirectoryQuietly(path.toFile());
    }
  }

  /** A new directory in it. */
  Path resolve(String name) throws IOException {
    return Files.createDirectories(path.resolve(name));
  }
}
