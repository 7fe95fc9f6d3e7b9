package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.NumberArray;
import io.github.flinkrnn.formats.LoadedNetwork.Integers;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.formats.onnx.StepNames.RecordField;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepGraph.Span;
import io.github.flinkrnn.onnxruntime.StepType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The inputs of a step graph that are no states: parts of x&lt;t&gt;, and constants. With {@code
 * input.fields}, x&lt;t&gt; is the fields of a record in their order, and each input takes some of
 * them. Otherwise one input takes all of x&lt;t&gt; ({@link StepInput}).
 */
final class StepInputs {
  static final int MAX_LENGTH = 1 << 24;

  /** An input of integers takes floats that are exact. */
  private static final int MAX_INTEGER = 1 << 24;

  private final String file;
  private final OnnxGraph graph;
  private final NetworkConfig config;
  private final StepNames names;
  private final List<String> states;
  private final int words;
  private final Map<String, ValueInfo> inputs = new LinkedHashMap<>();
  private final List<StepGraph.Constant> constants = new ArrayList<>();
  private final List<StepGraph.Input> taken = new ArrayList<>();
  private final List<String> fields; // the names of the fields of a record
  private final Map<String, List<String>> fieldsOf = new HashMap<>(); // by input
  private final Map<String, Integers> integers = new HashMap<>(); // by field
  private final Map<String, String> takers = new HashMap<>(); // inputs by field
  private int[] sample;

  /**
   * @param states the names of the inputs that are states
   * @throws InvalidFileException when an input is neither, or does not fit what feeds it
   */
  StepInputs(
      WeightsFile weights,
      OnnxGraph graph,
      NetworkConfig config,
      StepNames names,
      List<String> states) {
    this.file = weights.path();
    this.words = weights.words();
    this.graph = graph;
    this.config = config;
    this.names = names;
    this.states = states;
    this.fields = names.fields().stream().map(field -> field.part().field()).toList();
    graph.realInputs().forEach(input -> inputs.put(input.name(), input));
    names.constants().forEach((name, numbers) -> constants.add(constant(name, numbers)));
    List<ValueInfo> free = new ArrayList<>(inputs.values());
    free.removeIf(
        input -> states.contains(input.name()) || names.constants().containsKey(input.name()));
    if (fields.isEmpty()) {
      takeAll(free);
    } else {
      takeFields(free);
    }
  }

  List<StepGraph.Constant> constants() {
    return constants;
  }

  /** The inputs for parts of x&lt;t&gt;, in the order of the graph. */
  List<StepGraph.Input> taken() {
    return taken;
  }

  /** x&lt;t&gt; for the trial. */
  int[] sample() {
    return sample;
  }

  /** The fields that inputs take as integers. */
  Map<String, Integers> integers() {
    return integers;
  }

  /** The names of the fields that an input takes; empty without {@code input.fields}. */
  List<String> fieldsOf(String input) {
    return fieldsOf.getOrDefault(input, List.of());
  }

  /** The field of config.json that gives fields to an input. */
  private String place(String input) {
    return names.inputs().isEmpty() ? "input.fields" : "inputs." + input;
  }

  private StepGraph.Constant constant(String name, NumberArray numbers) {
    String place = "constants." + name;
    ValueInfo input = expectInput(place, name);
    expectType(place, input);
    StepArray array = new StepArray(names.file(), place, numbers, input);
    return new StepGraph.Constant(name, input.stepType(), array.shape(), array.words());
  }

  private ValueInfo expectInput(String place, String name) {
    ValueInfo input = inputs.get(name);
    if (input == null) {
      String problem = "expected one of the inputs " + inputs.keySet() + " of " + file;
      throw ofConfig(place, problem + ", found '" + name + "'");
    }
    if (states.contains(name)) {
      throw ofConfig(place, "expected an input that is no state, found '" + name + "'");
    }
    return input;
  }

  private void expectType(String place, ValueInfo input) {
    if (input.stepType() == null) {
      throw ofConfig(
          place, "expected an input of type " + StepType.names() + ", found " + input.typed());
    }
  }

  /** x&lt;t&gt; is the features or the word of a token. */
  private void takeAll(List<ValueInfo> free) {
    if (!names.inputs().isEmpty()) {
      throw ofConfig("inputs", "expected only with input.fields");
    }
    if (free.size() != 1) {
      String and = constants.isEmpty() ? "" : " and the constants " + names.constants().keySet();
      throw new InvalidFileException(
          file,
          "",
          "expected only the token besides the states "
              + states
              + and
              + ", found "
              + free.stream().map(ValueInfo::typed).toList()
              + "; "
              + remedy(free));
    }
    StepGraph.Input input = StepInput.of(file, free.get(0), graph, config, words);
    taken.add(input);
    sample =
        input.spans().isEmpty() ? new int[] {words - 1} : new int[input.spans().get(0).length()];
  }

  /** A hint for no or several inputs: one that cannot be a state is a constant or a field. */
  private String remedy(List<ValueInfo> free) {
    List<ValueInfo> outputs =
        graph.outputs().stream().filter(output -> !isStateOutput(output.name())).toList();
    List<String> noStates =
        free.stream()
            .filter(input -> !StatePairs.mayBeState(input, outputs))
            .map(input -> "'" + input.name() + "'")
            .toList();
    return noStates.isEmpty() || free.size() - noStates.size() > 1
        ? "set state: {IN: OUT} in config.json"
        : String.join(", ", noStates)
            + " cannot be a state: set constants: {IN: NUMBER} in config.json, or feed the inputs by"
            + " input.fields and inputs: {IN: [FIELD]}";
  }

  private boolean isStateOutput(String output) {
    return names.state().containsValue(output)
        || (names.state().isEmpty() && StatePairs.byName(graph).containsValue(output));
  }

  private void takeFields(List<ValueInfo> free) {
    if (names.inputs().isEmpty() && free.size() == 1) {
      takeFields(free.get(0).name(), fields);
    }
    names.inputs().forEach(this::takeFields);
    for (ValueInfo input : free) {
      if (!fieldsOf.containsKey(input.name())) {
        throw ofConfig(
            "inputs",
            "expected each input of "
                + file
                + " to be a state, a constant or fed by fields, found "
                + input.typed()
                + " without a value");
      }
    }
    for (String field : fields) {
      if (!takers.containsKey(field)) {
        throw ofConfig(
            names.inputs().isEmpty() ? "input.fields" : "inputs",
            "expected each of input.fields in one input, found '" + field + "' in none");
      }
    }
    Map<String, Span> spans = spans();
    for (ValueInfo input : free) {
      List<Span> of = fieldsOf(input.name()).stream().map(spans::get).toList();
      taken.add(new StepGraph.Input(input.name(), input.stepType(), shape(input, spans), of));
    }
  }

  private void takeFields(String input, List<String> given) {
    String place = "inputs." + input;
    expectInput(place, input);
    if (names.constants().containsKey(input)) {
      throw ofConfig(place, "expected fields or a constant, found both");
    }
    for (String field : given) {
      if (!fields.contains(field)) {
        String problem = "expected fields of input.fields " + fields;
        throw ofConfig(place, problem + ", found '" + field + "'");
      }
      String other = takers.put(field, input);
      if (other != null) {
        String problem = "expected each field once, found '" + field + "' also in '" + other + "'";
        throw ofConfig(place, problem);
      }
    }
    fieldsOf.put(input, given);
  }

  /** Where each field is in x&lt;t&gt;. Sets the sample and the fields of integers. */
  private Map<String, Span> spans() {
    Map<String, Span> spans = new HashMap<>();
    Map<Integer, Integer> ids = new HashMap<>(); // the last id of each category, by index in x<t>
    long at = 0;
    for (RecordField field : names.fields()) {
      InputPart part = field.part();
      ValueInfo input = inputs.get(takers.get(part.field()));
      expectType(place(input.name()), input);
      if (input.stepType() != StepType.FLOAT && input.stepType() != StepType.DOUBLE) {
        expectInteger(place(input.name()), field, input);
      }
      int width = part.width();
      if (integers.containsKey(part.field()) && part.categories() > 0) {
        width = 1;
        ids.put((int) at, part.categories() - 1);
      }
      spans.put(part.field(), new Span((int) at, width));
      at += width;
      if (at > MAX_LENGTH) {
        throw ofConfig("input.fields", "expected at most 2^24 numbers of x<t>, found more");
      }
    }
    sample = new int[(int) at];
    ids.forEach((index, id) -> sample[index] = id);
    return spans;
  }

  private void expectInteger(String place, RecordField field, ValueInfo input) {
    InputPart part = field.part();
    boolean isBool = input.stepType() == StepType.BOOL;
    int least = isBool ? 0 : -MAX_INTEGER;
    int most = isBool ? 1 : part.categories() > 0 ? part.categories() - 1 : MAX_INTEGER;
    if (!field.canBeInteger() || (isBool && part.categories() > 0)) {
      String kinds = isBool ? "numbers and vectors" : "categories, numbers and vectors";
      throw ofConfig(
          place,
          "expected "
              + kinds
              + " without a scale for "
              + input.typed()
              + ", found '"
              + part.field()
              + "'");
    }
    for (float missing : part.missing() == null ? new float[0] : part.missing()) {
      if (missing != Math.rint(missing) || missing < least || missing > most) {
        String problem = "expected missing of '" + part.field() + "' to be an integer from ";
        problem += least + " to " + most + " for " + input.typed();
        throw ofConfig(place, problem + ", found " + missing);
      }
    }
    integers.put(part.field(), new Integers(least, most));
  }

  /** The shape for one token of one sequence. */
  private long[] shape(ValueInfo input, Map<String, Span> spans) {
    if (input.sizes() == null) {
      throw new InvalidFileException(
          file, "input '" + input.name() + "'", "missing: expected a shape");
    }
    List<String> given = fieldsOf(input.name());
    long width = given.stream().mapToLong(field -> spans.get(field).length()).sum();
    long[] shape = input.sizes().clone();
    long fixed = 1;
    for (long size : shape) {
      fixed = size == -1 ? fixed : size > MAX_LENGTH ? 0 : Math.min(fixed * size, 2L * MAX_LENGTH);
    }
    int last = shape.length - 1;
    boolean isOpen = last >= 0 && shape[last] == -1;
    boolean fits = fixed > 0 && (isOpen ? width % fixed == 0 : width == fixed);
    if (!fits) {
      String widths =
          given.stream()
              .map(field -> field + " " + spans.get(field).length())
              .collect(Collectors.joining(", "));
      String numbers = isOpen ? "a multiple of " + fixed : String.valueOf(fixed);
      throw ofConfig(
          place(input.name()),
          "expected "
              + numbers
              + (numbers.equals("1") ? " number for " : " numbers for ")
              + input
              + " of "
              + file
              + ", found "
              + width
              + ": "
              + widths);
    }
    if (isOpen) {
      shape[last] = width / fixed;
    }
    expectRows(input);
    return Arrays.stream(shape).map(size -> size == -1 ? 1 : size).toArray();
  }

  /** An id beyond the rows of an embedding would reject its tokens. */
  private void expectRows(ValueInfo input) {
    OnnxTensor rows = StepInput.embedding(graph, input);
    for (RecordField field : names.fields()) {
      InputPart part = field.part();
      if (rows != null
          && part.categories() > rows.shape()[0]
          && fieldsOf(input.name()).contains(part.field())
          && integers.containsKey(part.field())) {
        String problem = "expected at most " + rows.shape()[0] + " categories in '" + part.field();
        problem += "', one for each row of embedding " + rows + " in " + file;
        throw ofConfig(place(input.name()), problem + ", found " + part.categories());
      }
    }
  }

  private InvalidFileException ofConfig(String field, String problem) {
    return new InvalidFileException(names.file(), field, problem);
  }
}
