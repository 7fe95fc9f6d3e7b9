package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model directory that is written file by file. A test loads it as a job does. */
public final class ModelDirectory {
  private final Path directory;

  private ModelDirectory(Path directory) {
    this.directory = directory;
  }

  /** A directory with an empty {@code config.json}: all defaults. */
  public static ModelDirectory in(Path directory) throws IOException {
    return new ModelDirectory(Files.createDirectories(directory)).config("{}");
  }

  public ModelDirectory config(String json) throws IOException {
    return write("config.json", json.replace('\'', '"'));
  }

  public ModelDirectory safetensors(SafeTensorsFile tensors) throws IOException {
    tensors.write(path("model.safetensors"));
    return this;
  }

  /** Single quotes stand for double quotes, as in {@link #config}. */
  public ModelDirectory parameters(String json) throws IOException {
    return write("parameters.json", json.replace('\'', '"'));
  }

  public ModelDirectory vocabulary(String... words) throws IOException {
    return write("vocab.txt", String.join("\n", words) + "\n");
  }

  public ModelDirectory write(String name, String text) throws IOException {
    Files.writeString(path(name), text);
    return this;
  }

  public Path path(String name) {
    return directory.resolve(name);
  }

  public RnnModel load() throws IOException {
    return RnnModel.load(directory);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
