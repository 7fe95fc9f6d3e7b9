package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.StepNames.RecordField;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.onnxruntime.StepGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Only reads step graphs, so that a test can choose in which process they are tried. */
public final class StepFiles {
  private StepFiles() {}

  /** The options of config.json for a step graph. */
  public record Config(NetworkConfig network, StepNames names) {
    public static Config of(Path modelDirectory) throws IOException {
      ConfigFile file = ConfigFile.open(ModelFiles.of(modelDirectory));
      StepNames names = StepNames.read(file);
      return new Config(NetworkConfig.read(file), names.withFields(fields(file)));
    }

    /** The fields in {@code input.fields}, as far as they matter here. */
    private static List<RecordField> fields(ConfigFile file) {
      List<RecordField> fields = new ArrayList<>();
      for (Fields.Element element : file.input().elements("fields", 10)) {
        Fields of = element.object();
        String name = of == null ? element.text() : of.text("name").orElseThrow();
        boolean isCategory = of != null && of.text("type").orElse("").equals("category");
        int categories = isCategory ? of.positive("size", 10).orElse(5) : 0;
        int overlap = of == null ? 0 : of.whole("overlap", 0, 10).orElse(0);
        int size = of == null || isCategory ? 1 : of.positive("size", 10).orElse(1);
        InputPart part =
            new InputPart(name, overlap + size, overlap, categories, null, null, false);
        fields.add(new RecordField(part, true));
      }
      return fields;
    }
  }

  /**
   * Reads the step graph of {@code model.onnx}.
   *
   * @param bytes the bytes of that file
   * @param words the size of the vocabulary; 0 for features
   */
  public static StepGraph read(ModelFiles files, byte[] bytes, Config config, int words)
      throws IOException {
    LoadMemory memory = LoadMemory.of(1 << 30);
    WeightsFile weights =
        new WeightsFile(files, "model.onnx", words, List.of(), memory, Kernel.best());
    OnnxGraph graph = OnnxFile.read(files, "model.onnx", memory);
    byte[] whole = WholeModel.of(files, "model.onnx", bytes, memory);
    return new StepGraphReader(weights, graph, config.network(), config.names()).graph(whole);
  }
}
