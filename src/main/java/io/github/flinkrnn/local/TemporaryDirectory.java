package io.github.flinkrnn.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** A directory for as long as this process runs, whichever way it ends (but for a kill -9). */
final class TemporaryDirectory {
  private final Path path;

  TemporaryDirectory() throws IOException {
    path = Files.createTempDirectory("flink-rnn-");
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> FileUtils.deleteDirectoryQuietly(path.toFile())));
  }

  /** A new directory in it. */
  Path resolve(String name) throws IOException {
    return Files.createDirectories(path.resolve(name));
  }
}
