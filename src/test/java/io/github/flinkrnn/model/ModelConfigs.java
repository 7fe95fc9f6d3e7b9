package io.github.flinkrnn.model;

import io.github.flinkrnn.files.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Configurations, for tests of what reads only a part of a model. */
public final class ModelConfigs {
  private ModelConfigs() {}

  public static ModelConfig of(Path modelDirectory) throws IOException {
    return ModelConfig.read(ModelFiles.of(modelDirectory));
  }
}
