package io.github.flinkrnn.files.onnx;

import io.github.flinkrnn.files.LoadMemory;
import io.github.flinkrnn.files.ModelFiles;
import io.github.flinkrnn.model.ModelConfig;
import io.github.flinkrnn.onnxruntime.StepGraph;
import java.io.IOException;

/** Reads step graphs and no more, so that a test can say in which process they are tried. */
public final class StepFiles {
  private StepFiles() {}

  /**
   * The step graph of {@code model.onnx}.
   *
   * @param bytes of that file
   * @param words of the vocabulary; 0 for features
   */
  public static StepGraph read(ModelFiles files, byte[] bytes, ModelConfig config, int words)
      throws IOException {
    OnnxGraph graph = OnnxFile.read(files, "model.onnx", LoadMemory.of(1 << 30));
    return StepGraphReader.read(files.path("model.onnx"), graph, config, words, bytes);
  }
}
