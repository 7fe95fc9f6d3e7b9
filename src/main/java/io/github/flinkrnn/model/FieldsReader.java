package io.github.flinkrnn.model;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.formats.ConfigFile;
import io.github.flinkrnn.formats.LoadedNetwork.Integers;
import io.github.flinkrnn.formats.WeightsFile.CategoryTensor;
import io.github.flinkrnn.formats.onnx.StepNames.RecordField;
import io.github.flinkrnn.model.InputField.CategoryField;
import io.github.flinkrnn.model.InputField.Elapsed;
import io.github.flinkrnn.model.InputField.NumberField;
import io.github.flinkrnn.model.InputField.VectorField;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.network.Scale;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ejml.data.FMatrixRMaj;

/** Reads {@code input.fields} of config.json. */
final class FieldsReader {
  private static final int MAX_FIELDS = 1000;
  private static final int MAX_VECTOR = 1 << 20;
  private static final int MAX_CATEGORIES = 1 << 24; // ids are exact as floats
  private static final int MAX_SLOTS = 1 << 22;
  private static final double MAX_NUMBER = 1e300;
  private static final String DEFAULT_ELAPSED = "elapsed";
  private static final String DEFAULT_UNIT = "seconds";

  /** The names of a token's own fields, which no field of x&lt;t&gt; may have. */
  private static final Set<String> OWN =
      Set.of("key", "seq", "timestamp", "start", "end", "generate");

  private static final List<String> TYPES = List.of("number", "category", "vector", "elapsed");
  private static final Map<String, Double> UNITS =
      Choices.of(
          List.of("ms", "seconds", "minutes", "hours", "days"),
          List.of(1.0, 1000.0, 60_000.0, 3_600_000.0, 86_400_000.0));

  /** Reads a vocabulary file. */
  interface Vocabularies {
    Vocabulary read(String file) throws IOException;
  }

  /**
   * The fields, and what their weights are.
   *
   * @param tensors the embeddings of categories, in the order of their fields
   * @param integers the fields that the network takes as integers
   */
  record Read(
      List<InputField> fields, List<CategoryTensor> tensors, Map<String, Integers> integers) {
    /** A copy with the fields that the network takes as integers. */
    Read withIntegers(Map<String, Integers> taken) {
      List<InputField> changed = new ArrayList<>();
      for (InputField field : fields) {
        Integers range = taken.get(field.name());
        changed.add(range == null ? field : field.asIntegers(range));
      }
      return new Read(changed, tensors, taken);
    }

    /** The fields for a step graph, which has no embeddings of its own categories. */
    List<RecordField> recordFields() {
      return fields.stream()
          .map(field -> new RecordField(part(field, null), field.canBeInteger()))
          .toList();
    }

    /**
     * The parts of x&lt;t&gt;.
     *
     * @param embeddings of {@code tensors}, in the same order
     */
    List<InputPart> parts(List<FMatrixRMaj> embeddings) {
      Map<String, FMatrixRMaj> byField = new HashMap<>();
      for (int i = 0; i < tensors.size(); i++) {
        byField.put(tensors.get(i).field(), embeddings.get(i));
      }
      List<InputPart> parts = new ArrayList<>();
      for (InputField field : fields) {
        InputPart part = part(field, byField.get(field.name()));
        parts.add(integers.containsKey(field.name()) ? part.asNumbers() : part);
      }
      return parts;
    }
  }

  private final Vocabularies vocabularies;
  private final Map<String, String> names = new HashMap<>(); // places by name
  private final List<InputField> fields = new ArrayList<>();
  private final List<CategoryTensor> tensors = new ArrayList<>();
  private long slots;

  private FieldsReader(Vocabularies vocabularies) {
    this.vocabularies = vocabularies;
  }

  /** The fields of the file; null if it has none. */
  static Read read(ConfigFile config, Vocabularies vocabularies) throws IOException {
    Fields input = config.input();
    if (!input.has("fields")) {
      return null;
    }
    for (String other :
        List.of("type", "file", "unknown_token", "lowercase", "embedding", "scale")) {
      if (input.has(other)) {
        throw input.invalid(other, "expected only without input.fields");
      }
    }
    FieldsReader reader = new FieldsReader(vocabularies);
    for (Fields.Element element : input.elements("fields", MAX_FIELDS)) {
      reader.add(config.file(), element);
    }
    if (reader.fields.stream().allMatch(field -> field instanceof Elapsed)) {
      throw input.invalid("fields", "expected at least one field of a record, found none");
    }
    return new Read(reader.fields, reader.tensors, Map.of());
  }

  private void add(String file, Fields.Element element) throws IOException {
    if (element.text() != null) {
      addNamed(
          file, element.place(), new NumberField(element.text(), null, null, false, false, null));
      return;
    }
    Fields of = element.object();
    String type = of.choice("type", Choices.of(TYPES)).orElse("number");
    String name = of.plainText("name").orElse(null);
    if (name == null && !type.equals("elapsed")) {
      throw of.missing("name");
    }
    InputField field =
        switch (type) {
          case "category" -> category(of, name, element.place());
          case "vector" -> vector(of, name);
          case "elapsed" -> elapsed(of, name == null ? DEFAULT_ELAPSED : name);
          default -> number(of, name);
        };
    of.rejectUnknown();
    addNamed(file, element.place(), field);
  }

  private void addNamed(String file, String place, InputField field) {
    String name = field.name();
    if (Shown.hasControl(name)) {
      throw new InvalidFileException(
          file,
          place,
          "expected a name without control characters, found '" + Shown.json(name) + "'");
    }
    slots += field.slots();
    if (slots > MAX_SLOTS) {
      throw new InvalidFileException(
          file, "input.fields", "expected at most " + MAX_SLOTS + " numbers, found more");
    }
    if (OWN.contains(name)) {
      throw new InvalidFileException(
          file,
          place,
          "expected another name than '"
              + name
              + "', which is a token's own field; source.fields of a job says where a field is");
    }
    String other = names.putIfAbsent(name, place);
    if (other != null) {
      throw new InvalidFileException(
          file, place, "expected another name than '" + name + "', the name of " + other);
    }
    fields.add(field);
  }

  private static NumberField number(Fields of, String name) {
    Scale scale = ScaleReader.scale(of, "scale");
    ScaleReader.expectLength(of, "scale", 1);
    boolean flag = of.flag("missing_flag", false);
    Double missing = of.number("missing", -MAX_NUMBER, MAX_NUMBER).orElse(flag ? 0.0 : null);
    boolean hold = of.flag("hold", false);
    if (missing != null) {
      expectFinite(of, scale, missing, 0);
    }
    return new NumberField(name, scale, missing, flag, hold, null);
  }

  private CategoryField category(Fields of, String name, String place) throws IOException {
    Optional<String> file = of.text("vocabulary");
    Optional<Integer> size = of.whole("size", 1, MAX_CATEGORIES);
    Optional<String> unknown = of.text("unknown");
    if (file.isPresent() == size.isPresent()) {
      throw of.invalid(
          "vocabulary",
          "expected vocabulary or size, found " + (file.isPresent() ? "both" : "none"));
    }
    if (unknown.isPresent() && file.isEmpty()) {
      throw of.invalid("unknown", "expected only with a vocabulary");
    }
    Vocabulary vocabulary = null;
    if (file.isPresent()) {
      vocabulary = vocabularies.read(ModelConfig.fileName(of, "vocabulary", file.get()));
      if (unknown.isPresent()) {
        expectWord(of, "unknown", unknown.get(), vocabulary);
        vocabulary = vocabulary.withUnknown(unknown.get());
      }
    }
    int categories = vocabulary == null ? size.get() : vocabulary.size();
    if (categories > MAX_CATEGORIES) {
      throw of.invalid("vocabulary", "expected at most " + MAX_CATEGORIES + " words, found more");
    }
    int missing = missing(of, vocabulary, categories);
    boolean hold = of.flag("hold", false);
    of.text("embedding")
        .ifPresent(tensor -> tensors.add(new CategoryTensor(name, place, tensor, categories)));
    return new CategoryField(name, vocabulary, categories, missing, hold);
  }

  /** The id of {@code missing}, which is a word or an id; -1 if it is absent. */
  private static int missing(Fields of, Vocabulary vocabulary, int categories) {
    if (!of.has("missing")) {
      return -1;
    }
    if (vocabulary == null || of.isNumber("missing")) {
      return of.whole("missing", 0, categories - 1).orElseThrow();
    }
    String word = of.requiredText("missing");
    expectWord(of, "missing", word, vocabulary);
    return vocabulary.id(word);
  }

  private static void expectWord(Fields of, String field, String word, Vocabulary vocabulary) {
    if (!vocabulary.holds(word)) {
      throw of.invalid(field, "expected a word of the vocabulary, found " + of.quoted(field, word));
    }
  }

  private static VectorField vector(Fields of, String name) {
    int size = of.positive("size", MAX_VECTOR).orElseThrow(() -> of.missing("size"));
    Scale scale = ScaleReader.scale(of, "scale");
    ScaleReader.expectLength(of, "scale", size);
    boolean flag = of.flag("missing_flag", false);
    double[] missing = of.numbers("missing");
    if (missing != null && missing.length != 1 && missing.length != size) {
      throw of.invalid(
          "missing", "expected one number or an array of " + size + ", found " + missing.length);
    }
    if (missing == null && flag) {
      missing = new double[] {0};
    }
    for (int i = 0; missing != null && i < size; i++) {
      expectFinite(of, scale, missing[missing.length == 1 ? 0 : i], i);
    }
    int overlap = of.whole("overlap", 0, size).orElse(0);
    boolean hold = of.flag("hold", false);
    if (hold && overlap > 0) {
      throw of.invalid("hold", "expected only without overlap");
    }
    return new VectorField(name, size, scale, missing, flag, overlap, hold, null);
  }

  private static Elapsed elapsed(Fields of, String name) {
    Scale scale = ScaleReader.scale(of, "scale");
    ScaleReader.expectLength(of, "scale", 1);
    double millis = of.choice("unit", UNITS).orElse(UNITS.get(DEFAULT_UNIT));
    String unit = of.text("unit").orElse(DEFAULT_UNIT);
    double first = of.number("first", -MAX_NUMBER, MAX_NUMBER).orElse(0.0);
    if (!Float.isFinite(scaled(scale, first, 0))) {
      throw of.invalid("first", "expected a number that is a finite float32 after its scale");
    }
    return new Elapsed(name, unit, millis, first, scale);
  }

  private static void expectFinite(Fields of, Scale scale, double missing, int index) {
    if (!Float.isFinite(scaled(scale, missing, index))) {
      throw of.invalid("missing", "expected a number that is a finite float32 after its scale");
    }
  }

  private static float scaled(Scale scale, double number, int index) {
    return scale == null ? (float) number : scale.apply(number, index);
  }

  private static InputPart part(InputField field, FMatrixRMaj embedding) {
    String name = field.name();
    if (field instanceof CategoryField category) {
      float[] missing = category.missing() < 0 ? null : new float[] {category.missing()};
      return new InputPart(name, 1, 0, category.size(), embedding, missing, false);
    }
    if (field instanceof VectorField vector) {
      float[] missing = null;
      if (vector.missing() != null) {
        missing = new float[vector.slots()];
        for (int i = 0; i < vector.size(); i++) {
          double number = vector.missing()[vector.missing().length == 1 ? 0 : i];
          missing[vector.overlap() + i] = scaled(vector.scale(), number, i);
        }
      }
      return new InputPart(name, vector.slots(), vector.overlap(), 0, null, missing, vector.flag());
    }
    if (field instanceof NumberField number && number.missing() != null) {
      float[] missing = {scaled(number.scale(), number.missing(), 0)};
      return new InputPart(name, 1, 0, 0, null, missing, number.flag());
    }
    return new InputPart(name, 1, 0, 0, null, null, false);
  }

  /** The lengths of the parts, for an error: {@code merchant 16, amount 1}. */
  static String widths(List<InputPart> parts) {
    return String.join(
        ", ", parts.stream().map(part -> part.field() + " " + part.width()).toArray(String[]::new));
  }
}
