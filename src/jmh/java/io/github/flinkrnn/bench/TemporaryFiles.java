package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.SeededNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** A directory for models, checkpoints and brokers, while a benchmark runs. */
final class TemporaryFiles implements AutoCloseable {
  private final Path directory;
  private int count;

  TemporaryFiles() throws IOException {
    directory = Files.createTempDirectory("flink-rnn-bench-");
  }

  /** Writes a model into a separate directory. */
  Path write(SeededNetwork network) throws IOException {
    return network.writeModel(create("model"));
  }

  /** Writes a model with its weights rounded to BF16. */
  Path writeNarrow(SeededNetwork network) throws IOException {
    return network.writeNarrowModel(create("model"));
  }

  /** A new, empty directory. */
  Path create(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name + "-" + ++count));
  }

  @Override
  public void close() {
    FileUtils.deleteDirectoryQuietly(directory.toFile());
  }
}
