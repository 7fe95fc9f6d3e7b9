package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.NotAcceptedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Model directories of one format, each with a damaged or changed file. The outcome is a model,
 * which then computes two steps, or an {@link InvalidFileException}.
 */
final class ModelTarget implements Target {
  /** The maximum heap that a load may allocate, whatever its outcome. */
  private static final long MOST_BYTES = 256L << 20;

  /** In larger files, a mutation would mostly hit a number. */
  private static final int MOST_WHOLE = 64 << 10;

  private final String name;
  private final String weights;
  private final List<Map<String, byte[]>> cases;

  /** Mutates a weights file. */
  private static byte[] weights(String file, byte[] bytes, Random random) {
    return file.endsWith(".json") && random.nextInt(3) > 0
        ? JsonMutator.mutated(bytes, random)
        : WeightFiles.mutated(file, bytes, random);
  }

  /** A format, named after its file. */
  enum Format {
    SAFETENSORS("safetensors", "model.safetensors"),
    SHARDED("sharded", "model.safetensors.index.json"),
    PARAMETERS("parameters", "parameters.json"),
    KERAS("keras", "model.keras"),
    H5("h5", "model.h5"),
    WEIGHTS_H5("weights-h5", "model.weights.h5"),
    ONNX("onnx", "model.onnx");

    private final String target;
    private final String file;

    Format(String target, String file) {
      this.target = target;
      this.file = file;
    }

    String target() {
      return target;
    }
  }

  /**
   * @param resources the directory with the files that exporters wrote
   */
  ModelTarget(Format format, Path resources) throws IOException {
    name = format.target;
    weights = format.file;
    try (Stream<Path> files = Files.walk(resources)) {
      cases =
          files
              .filter(
                  file ->
                      file.endsWith(weights) && !file.toString().matches(".*(step-|onnx-steps).*"))
              .sorted()
              .map(file -> read(file.getParent()))
              .filter(read -> read.get(weights).length <= MOST_WHOLE)
              .toList();
    }
    Checks.expect(!cases.isEmpty(), "no " + weights + " in " + resources);
  }

  static Map<String, byte[]> read(Path directory) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int runs() {
    return 100_000;
  }

  @Override
  public long mostBytes() {
    return MOST_BYTES;
  }

  @Override
  public Trial next(Random random) {
    Map<String, byte[]> files = new LinkedHashMap<>(Hostile.one(cases, random));
    List<String> others = files.keySet().stream().filter(file -> !file.equals(weights)).toList();
    if (others.isEmpty() || random.nextInt(5) > 0) {
      files.computeIfPresent(weights, (file, bytes) -> weights(file, bytes, random));
    } else {
      files.computeIfPresent(
          Hostile.one(others, random), (file, bytes) -> small(file, bytes, random));
    }
    return new Load(files);
  }

  /** Mutates config.json, the vocabulary or one of several files of weights. */
  private static byte[] small(String file, byte[] bytes, Random random) {
    if (file.endsWith(".safetensors")) {
      return WeightFiles.mutated(file, bytes, random);
    }
    if (!file.endsWith(".json")) {
      String line = "\n" + Hostile.string(random).replaceAll("\\p{Cs}", "") + "\n";
      return Mutator.damage(bytes, random, List.of(line.getBytes(UTF_8), new byte[] {'\n'}));
    }
    return random.nextInt(3) == 0
        ? Mutator.damage(bytes, random, Mutator.JSON_PIECES)
        : JsonMutator.mutated(bytes, random);
  }

  /** A model directory in memory. */
  record Load(Map<String, byte[]> files) implements Trial, ModelFiles {
    @Override
    public String run() throws IOException {
      try (RnnModel model = RnnModel.load(this)) {
        step(model);
        return "model";
      } catch (InvalidFileException e) {
        Checks.oneLine(e.getMessage(), Checks.MOST_MESSAGE);
        Checks.expect(
            e.getMessage().startsWith(location() + "/")
                || e.getMessage().startsWith(location() + ": "),
            "names no file: " + e.getMessage());
        return "refused";
      }
    }

    private static void step(RnnModel model) {
      Checks.expect(model.outputSize() > 0, "no outputs");
      Checks.expect(!model.describe().isBlank(), "no description");
      if (model.bidirectionalLayers() > 0) {
        lookAhead(model);
        return;
      }
      try (RnnStepper stepper = model.stepper()) {
        float[] before = model.initialState();
        float[] after = new float[before.length];
        take(model, stepper, before, after);
        take(model, stepper, after, before);
      } catch (NotAcceptedException e) {
        Checks.oneLine(e.getMessage(), Checks.MOST_MESSAGE);
      }
    }

    /** Two tokens of a bidirectional model, which decide both. */
    private static void lookAhead(RnnModel model) {
      boolean areWords = model.input() instanceof ModelInput.Words;
      float[] x = areWords ? null : new float[model.input().size()];
      try (LookAheadStepper ahead = model.lookAhead(LookAheadStepper.END, 0);
          RnnStepper stepper = model.stepper()) {
        LookAheadStepper.Sequence first = new LookAheadStepper.Sequence(null, null);
        first.take(0, x);
        ahead.run(1, new LookAheadStepper.Sequence[] {first});
        LookAheadStepper.Sequence second = new LookAheadStepper.Sequence(first.next(), null);
        second.take(0, x);
        second.decideAll();
        ahead.run(1, new LookAheadStepper.Sequence[] {second});
        Checks.expect(second.decided().length == (model.readsFinal() ? 1 : 2), "outputs");
        for (float[] output : second.decided()) {
          Checks.expect(output.length == model.hiddenSize(), "hidden state of a step");
          float[] y = stepper.prediction(stepper.logits(output));
          Checks.expect(y.length == model.outputSize(), "outputs of a step");
        }
      }
    }

    private static void take(RnnModel model, RnnStepper stepper, float[] from, float[] to) {
      if (model.input() instanceof ModelInput.Words words) {
        stepper.step(words.vocabulary().size() - 1, from, to);
      } else {
        stepper.step(new float[model.input().size()], from, to);
      }
      float[] logits = stepper.logits(to);
      Checks.expect(stepper.prediction(logits).length == model.outputSize(), "outputs of a step");
      Checks.expect(stepper.hidden(to).length == model.hiddenSize(), "hidden state of a step");
      Checks.expect(
          model.labels().isEmpty() || stepper.label(logits) != null, "no label for the largest");
    }

    @Override
    public String location() {
      return "m";
    }

    @Override
    public boolean exists(String file) {
      return files.containsKey(file);
    }

    @Override
    public long size(String file) throws IOException {
      return bytes(file).length;
    }

    @Override
    public InputStream open(String file) throws IOException {
      return new ByteArrayInputStream(bytes(file));
    }

    private byte[] bytes(String file) throws IOException {
      byte[] bytes = files.get(file);
      if (bytes == null) {
        throw new java.io.FileNotFoundException(path(file));
      }
      return bytes;
    }
  }
}
