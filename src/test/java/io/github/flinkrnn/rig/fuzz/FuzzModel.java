package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.operator.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model for which hostile records are read.
 *
 * @param words some words of its vocabulary; empty for a model of features
 * @param features the number of features; 0 for a model of words or of fields
 * @param fields the fields that it reads, with a value that each takes; empty for another model
 * @param outputs the number of outputs
 * @param labels the labels of its outputs, if it has any
 * @param saysNext whether its outputs are the words, with a softmax
 * @param harmless a feature that every step accepts, from any state
 */
record FuzzModel(
    String name,
    Path directory,
    List<String> words,
    int features,
    Map<String, Object> fields,
    int outputs,
    List<String> labels,
    boolean saysNext,
    float harmless) {

  /** Writes the models; one of them is the example's. */
  static List<FuzzModel> write(Path directory) throws IOException {
    Path closed = ModelDirectory.words(folder(directory, "closed"));
    Path cycle = ModelDirectory.cycle(folder(directory, "cycle"));
    Path three = ModelDirectory.threeFeatures(folder(directory, "three"));
    Path unbounded = ModelDirectory.unbounded(folder(directory, "unbounded"), "1e5");
    Path overflow = ModelDirectory.hiddenOverflow(folder(directory, "overflow"));
    Path open = folder(directory, "open");
    List<String> strange = List.of("<unk>", "the", "\ud83d\ude00", "gr\u00f6\u00dfe", " ", "7");
    Files.writeString(open.resolve("vocab.txt"), String.join("\n", strange) + "\n");
    ModelDirectory.write(
        open,
        "{\"input\": {\"type\": \"vocabulary\", \"unknown_token\": \"<unk>\", \"lowercase\": true},"
            + " \"output\": {\"activation\": \"sigmoid\"}}",
        "{\"Waa\": [[0.5]], \"Wax\": [[1, 2, 3, 4, 5, 6]], \"Wya\": [[1], [2]]}");
    Path table = folder(directory, "table");
    Files.write(table.resolve("model.onnx"), SmallSteps.tableModel());
    Files.writeString(table.resolve("config.json"), "{}");
    Path reciprocal = folder(directory, "reciprocal");
    Files.write(reciprocal.resolve("model.onnx"), SmallSteps.reciprocalModel());
    Files.writeString(reciprocal.resolve("config.json"), "{}");
    Path tagger = Path.of("jobs/name-tagging/model").toAbsolutePath();
    List<String> some = List.of("Mr.", "Watson", "said", "the", ",", "zzyzx");
    return List.of(
        new FuzzModel(
            "closed",
            closed,
            List.of("the", "cat", "sat", "down"),
            0,
            2,
            List.of("A", "B"),
            false,
            0),
        new FuzzModel("cycle", cycle, List.of("a", "b", "c", "<end>"), 0, 4, List.of(), true, 0),
        new FuzzModel("open", open, strange, 0, 2, List.of(), false, 0),
        new FuzzModel("tagger", tagger, some, 0, 2, List.of("O", "PER"), false, 0),
        new FuzzModel("three", three, List.of(), 3, 2, List.of(), false, 0),
        new FuzzModel("unbounded", unbounded, List.of(), 1, 1, List.of(), false, 0),
        new FuzzModel("overflow", overflow, List.of(), 1, 1, List.of(), false, 0),
        new FuzzModel("table", table, List.of(), 1, 1, List.of(), false, 0),
        new FuzzModel("reciprocal", reciprocal, List.of(), 1, 1, List.of(), false, 4),
        ofFields("fraud", 1, Map.of("merchant", "fuel", "country", "de", "amount", 3, "hour", 2)),
        ofFields("field-heads", 1, Map.of("merchant", "kiosk", "amount", 3.5)),
        ofFields(
            "everything",
            3,
            Map.of(
                "country",
                "us",
                "segment",
                4,
                "amount",
                12,
                "hour",
                1,
                "probe",
                List.of(1, 2, 3, 4),
                "limit",
                90)));
  }

  /** A model without fields. */
  FuzzModel(
      String name,
      Path directory,
      List<String> words,
      int features,
      int outputs,
      List<String> labels,
      boolean saysNext,
      float harmless) {
    this(name, directory, words, features, Map.of(), outputs, labels, saysNext, harmless);
  }

  /** A model of fields, of the reference cases. */
  private static FuzzModel ofFields(String name, int outputs, Map<String, Object> fields) {
    Path model = Path.of("src/test/resources/pytorch-fields", name, "model").toAbsolutePath();
    return new FuzzModel(name, model, List.of(), 0, fields, outputs, List.of(), false, 0);
  }

  private static Path folder(Path directory, String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  boolean ofWords() {
    return features == 0 && fields.isEmpty();
  }
}
