package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.onnx.StepFiles;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.Trials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Damaged or changed step graphs. They are rejected, or tried in another process, which may crash.
 * That process runs native code, whose time and memory are not measured here.
 */
final class StepTarget implements Target {
  private static final String FILE = "model.onnx";

  private final List<Whole> wholes = new ArrayList<>();
  private final Trials trials = new Trials();

  private record Whole(byte[] bytes, StepFiles.Config config, int words) {}

  StepTarget(Path resources) throws IOException {
    for (String name :
        List.of(
            "onnx/step-normalized-gru",
            "onnx/step-coupled-lstm",
            "onnx/step-two-layers",
            "onnx-steps/decay",
            "onnx-steps/vad-16k",
            "onnx-steps/previous-word")) {
      Path model = resources.resolve(name).resolve("model");
      int words = name.endsWith("coupled-lstm") ? 8 : name.endsWith("previous-word") ? 5 : 0;
      byte[] bytes = Files.readAllBytes(model.resolve(FILE));
      wholes.add(new Whole(bytes, StepFiles.Config.of(model), words));
    }
  }

  @Override
  public String name() {
    return "step-onnx";
  }

  @Override
  public int runs() {
    return 5000;
  }

  @Override
  public long mostBytes() {
    return 256L << 20;
  }

  @Override
  public Trial next(Random random) {
    Whole whole = Hostile.one(wholes, random);
    return new One(whole, WeightFiles.mutated(FILE, whole.bytes, random));
  }

  private final class One implements Trial {
    private final Whole whole;
    private final byte[] bytes;

    One(Whole whole, byte[] bytes) {
      this.whole = whole;
      this.bytes = bytes;
    }

    @Override
    public Map<String, byte[]> files() {
      return Map.of(FILE, bytes);
    }

    @Override
    public String run() throws IOException {
      StepGraph graph;
      try {
        graph = StepFiles.read(new ModelTarget.Load(files()), bytes, whole.config, whole.words);
      } catch (InvalidFileException e) {
        Checks.oneLine(e.getMessage(), Checks.MOST_MESSAGE);
        return "refused";
      }
      int ended = trials.ended();
      boolean passes = trials.passes(graph);
      return passes ? "steps" : trials.ended() > ended ? "ends its process" : "refused when tried";
    }
  }

  @Override
  public void close() {
    trials.close();
  }
}
