package io.github.flinkrnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** A directory that is deleted when this process ends, except by kill -9. */
final class TemporaryDirectory {
  private static final int ATTEMPTS = 20;

  private final Path path;

  TemporaryDirectory() throws IOException {
    path = Files.createTempDirectory("flink-rnn-");
    Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
  }

  /** Deletes repeatedly, because an interrupted broker may still write. */
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
