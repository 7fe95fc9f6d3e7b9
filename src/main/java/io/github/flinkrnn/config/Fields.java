package io.github.flinkrnn.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One object of a configuration file, read field by field. Every mistake becomes an {@link
 * InvalidFileException} that names the file, the path of the field and what was expected. Call
 * {@link #rejectUnknown} last: it finds the fields that nobody has read. A null counts as absent.
 */
@Internal
public final class Fields {
  private static final int MAX_DIMENSIONS = 8;

  private final String file;
  private final String path;
  private final JsonNode object;
  private final Map<String, String> shown;
  private final Set<String> known = new LinkedHashSet<>();
  private List<String> order = List.of(); // the order in which errors list the known fields

  private Fields(String file, String path, JsonNode object, Map<String, String> shown) {
    this.file = file;
    this.path = path;
    this.object = object;
    this.shown = shown;
  }

  /**
   * The object at the top of a file.
   *
   * @throws InvalidFileException when {@code root} is not an object
   */
  public static Fields of(String file, JsonNode root) {
    return of(file, root, Map.of());
  }

  /**
   * The object at the top of a file.
   *
   * @param shown what errors quote instead of a secret value, by the path of its field
   * @throws InvalidFileException when {@code root} is not an object
   */
  public static Fields of(String file, JsonNode root, Map<String, String> shown) {
    if (!root.isObject()) {
      throw new InvalidFileException(
          file, "", "expected an object, found " + JsonValues.kind(root));
    }
    return new Fields(file, "", root, shown);
  }

  /**
   * Sets the order in which errors list the known fields, for an object that several readers share.
   * Known fields that are not in {@code names} come last. This does not make any field known.
   */
  public void listAs(String... names) {
    order = List.of(names);
  }

  /** Whether the field is present and not null. */
  public boolean has(String name) {
    return get(name) != null;
  }

  /** The object in a field; an empty object when the field is absent. */
  public Fields object(String name) {
    JsonNode node = get(name);
    if (node == null) {
      return new Fields(file, path(name), JsonNodeFactory.instance.objectNode(), shown);
    }
    if (!node.isObject()) {
      throw wrong(name, "an object", node);
    }
    return new Fields(file, path(name), node, shown);
  }

  /** Whether the field holds a string. */
  public boolean isString(String name) {
    JsonNode node = get(name);
    return node != null && node.isString();
  }

  /** Whether the field holds an object. */
  public boolean isObject(String name) {
    JsonNode node = get(name);
    return node != null && node.isObject();
  }

  /** Whether the field holds an array. */
  public boolean isArray(String name) {
    JsonNode node = get(name);
    return node != null && node.isArray();
  }

  /** Whether the field holds a number. */
  public boolean isNumber(String name) {
    JsonNode node = get(name);
    return node != null && node.isNumber();
  }

  /** The names of all fields of the object, known or not. */
  public List<String> names() {
    return List.copyOf(object.propertyNames());
  }

  /** A finite number, or an array of finite numbers that is not empty; null if absent. */
  public double[] numbers(String name) {
    JsonNode node = get(name);
    if (node == null) {
      return null;
    }
    JsonNode[] elements = {node};
    if (node.isArray()) {
      elements = node.valueStream().toArray(JsonNode[]::new);
    }
    double[] numbers = new double[elements.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = elements[i].isNumber() ? elements[i].doubleValue(Double.NaN) : Double.NaN;
      if (!Double.isFinite(numbers[i])) {
        throw wrong(node.isArray() ? name + "[" + i + "]" : name, "a finite number", elements[i]);
      }
    }
    if (numbers.length == 0) {
      throw wrong(name, "at least one number", node);
    }
    return numbers;
  }

  /** A required number, true or false, or an array of them, which may be nested. */
  public NumberArray numberArray(String name) {
    JsonNode node = get(name);
    if (node == null) {
      throw missing(name);
    }
    List<Integer> shape = new ArrayList<>();
    for (JsonNode at = node; at != null && at.isArray(); at = at.get(0)) {
      shape.add(at.size());
      if (shape.size() > MAX_DIMENSIONS) {
        throw invalid(name, "expected at most " + MAX_DIMENSIONS + " dimensions, found more");
      }
    }
    List<String> numbers = new ArrayList<>();
    addNumbers(name, node, shape, numbers);
    return new NumberArray(shape.stream().mapToInt(size -> size).toArray(), numbers);
  }

  /** Adds the numbers of an array, whose elements must have the shape of its first one. */
  private void addNumbers(String name, JsonNode node, List<Integer> shape, List<String> numbers) {
    if (shape.isEmpty()) {
      if (!node.isNumber() && !node.isBoolean()) {
        throw wrong(name, "a number", node);
      }
      numbers.add(node.asString());
      return;
    }
    if (!node.isArray() || node.size() != shape.get(0)) {
      String found = node.isArray() ? "one of " + node.size() : shown(path(name), node);
      throw invalid(name, "expected an array of " + shape.get(0) + ", found " + found);
    }
    for (int i = 0; i < node.size(); i++) {
      addNumbers(name + "[" + i + "]", node.get(i), shape.subList(1, shape.size()), numbers);
    }
  }

  /** A string that is not blank. */
  public Optional<String> text(String name) {
    JsonNode node = get(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isString()) {
      throw wrong(name, "a string", node);
    }
    if (node.stringValue().isBlank()) {
      throw wrong(name, "a non-blank string", node);
    }
    return Optional.of(node.stringValue());
  }

  /** A string without control characters, because users see it in logs and on terminals. */
  public Optional<String> plainText(String name) {
    Optional<String> text = text(name);
    text.ifPresent(t -> expectPlain(name, t));
    return text;
  }

  /** An array of distinct strings without control characters; empty when the field is absent. */
  public List<String> plainTexts(String name) {
    List<String> texts = texts(name);
    texts.forEach(text -> expectPlain(name, text));
    return texts;
  }

  private void expectPlain(String name, String text) {
    if (Shown.hasControl(text)) {
      throw invalid(name, "expected no control characters, found '" + Shown.json(text) + "'");
    }
  }

  /** A required string that is not blank. */
  public String requiredText(String name) {
    return text(name).orElseThrow(() -> missing(name));
  }

  /** A string, or a number as a string: {@code idle_timeout: 0}. */
  public Optional<String> scalar(String name) {
    JsonNode node = get(name);
    return node != null && node.isNumber() ? Optional.of(node.asString()) : text(name);
  }

  /** True or false, also as a string; {@code otherwise} when the field is absent. */
  public boolean flag(String name, boolean otherwise) {
    JsonNode node = get(name);
    if (node == null) {
      return otherwise;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isString() && node.stringValue().matches("true|false")) {
      return Boolean.parseBoolean(node.stringValue()); // ${NAME:true} is replaced by a string
    }
    throw wrong(name, "true or false", node);
  }

  /** An integer from 1 to {@code most}. */
  public Optional<Integer> positive(String name, int most) {
    return whole(name, 1, most);
  }

  /** An integer from {@code least} to {@code most}. */
  public Optional<Integer> whole(String name, int least, int most) {
    JsonNode node = get(name);
    if (node == null) {
      return Optional.empty();
    }
    Optional<BigInteger> value = JsonValues.whole(node);
    if (value.isEmpty()
        || value.get().compareTo(BigInteger.valueOf(least)) < 0
        || value.get().compareTo(BigInteger.valueOf(most)) > 0) {
      throw wrong(name, "an integer from " + least + " to " + most, node);
    }
    return Optional.of(value.get().intValueExact());
  }

  /** A number from {@code least} to {@code most}. */
  public Optional<Double> number(String name, double least, double most) {
    Optional<String> text = scalar(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    double value = JsonValues.decimal(text.get());
    if (!(value >= least && value <= most)) {
      String range = JsonValues.shown(least) + " to " + JsonValues.shown(most);
      throw wrong(name, "a number from " + range, get(name));
    }
    return Optional.of(value);
  }

  /** The value of one of the names in {@code choices}. The error suggests the closest name. */
  public <T> Optional<T> choice(String name, Map<String, T> choices) {
    Optional<String> text = text(name);
    if (text.isPresent() && !choices.containsKey(text.get())) {
      throw wrongChoice(path(name), text.get(), choices.keySet());
    }
    return text.map(choices::get);
  }

  /** An array of distinct strings; empty when the field is absent. */
  public List<String> texts(String name) {
    return texts(name, Integer.MAX_VALUE);
  }

  /**
   * An array of distinct strings; empty when the field is absent.
   *
   * @param most the maximum length of the array
   */
  public List<String> texts(String name, int most) {
    JsonNode node = get(name);
    if (node == null) {
      return new ArrayList<>();
    }
    if (!node.isArray()) {
      throw wrong(name, "an array", node);
    }
    if (node.size() > most) {
      throw invalid(name, "expected at most " + most + " elements, found " + node.size());
    }
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode element : node) {
      String place = name + "[" + texts.size() + "]";
      if (!element.isString()) {
        throw wrong(place, "a string", element);
      }
      if (!texts.add(element.stringValue())) {
        String twice = quoted(place, element.stringValue()) + " twice";
        throw invalid(name, "expected distinct elements, found " + twice);
      }
    }
    return new ArrayList<>(texts);
  }

  /** An array of distinct strings, or a single string. */
  public List<String> textOrTexts(String name) {
    JsonNode node = get(name);
    return node != null && node.isArray() ? texts(name) : text(name).stream().toList();
  }

  /**
   * An element of an array: a string or an object.
   *
   * @param place its path, for errors
   * @param text null for an object
   * @param object null for a string
   */
  public record Element(String place, String text, Fields object) {}

  /**
   * An array of strings that are not blank, and objects; empty when the field is absent.
   *
   * @param most the maximum length of the array
   */
  public List<Element> elements(String name, int most) {
    JsonNode node = get(name);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray()) {
      throw wrong(name, "an array", node);
    }
    if (node.size() > most) {
      throw invalid(name, "expected at most " + most + " elements, found " + node.size());
    }
    List<Element> elements = new ArrayList<>();
    for (JsonNode element : node) {
      String at = name + "[" + elements.size() + "]";
      if (element.isObject()) {
        elements.add(new Element(path(at), null, new Fields(file, path(at), element, shown)));
      } else if (element.isString() && !element.stringValue().isBlank()) {
        elements.add(new Element(path(at), element.stringValue(), null));
      } else {
        throw wrong(at, "a non-blank string or an object", element);
      }
    }
    return elements;
  }

  /** An array whose elements are names in {@code choices}. */
  public <T> List<T> choices(String name, Map<String, T> choices) {
    List<T> chosen = new ArrayList<>();
    for (String text : texts(name)) {
      if (!choices.containsKey(text)) {
        throw wrongChoice(path(name + "[" + chosen.size() + "]"), text, choices.keySet());
      }
      chosen.add(choices.get(text));
    }
    return chosen;
  }

  /** All values below an object as strings, by their names, nested names joined with dots. */
  public Map<String, String> flattened(String name) {
    JsonNode node = get(name);
    if (node != null && !node.isObject()) {
      throw wrong(name, "an object", node);
    }
    return node == null ? new LinkedHashMap<>() : new FreeMap(this, name).flattened(node);
  }

  /**
   * Fails on the first field that nobody has read.
   *
   * @throws InvalidFileException that lists the known fields
   */
  public void rejectUnknown() {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new InvalidFileException(
            file, path(name), Nearest.unknownField(name, known, knownInOrder()));
      }
    }
  }

  private List<String> knownInOrder() {
    List<String> listed = new ArrayList<>(order);
    listed.retainAll(known);
    known.stream().filter(name -> !order.contains(name)).forEach(listed::add);
    return listed;
  }

  /** The error of a required field that is absent or misspelt. */
  public InvalidFileException missing(String name) {
    String first = name.replaceFirst("\\..*", "");
    if (!object.has(first)) {
      List<String> unread = new ArrayList<>(object.propertyNames());
      unread.removeAll(known);
      Optional<String> misspelt = Nearest.to(first, unread);
      if (misspelt.isPresent()) {
        return invalid(misspelt.get(), "unknown field (did you mean " + first + "?)");
      }
    }
    return invalid(name, "missing: expected a value");
  }

  /** An error in a field of this object. */
  public InvalidFileException invalid(String name, String problem) {
    return new InvalidFileException(file, path(name), problem);
  }

  InvalidFileException wrong(String name, String expected, JsonNode found) {
    return invalid(name, "expected " + expected + ", found " + shown(path(name), found));
  }

  private InvalidFileException wrongChoice(String at, String found, Collection<String> choices) {
    String expected = "expected " + String.join(" or ", choices) + ", found " + quote(at, found);
    String hint = shown.containsKey(at) ? "" : Nearest.hint(found, choices);
    return new InvalidFileException(file, at, expected + hint);
  }

  /** The string of a field in quotes, for an error; the variable's name for a secret value. */
  public String quoted(String name, String text) {
    return quote(path(name), text);
  }

  private String quote(String at, String text) {
    return "'" + shown.getOrDefault(at, text) + "'";
  }

  private String shown(String at, JsonNode node) {
    return node.isString() ? quote(at, node.stringValue()) : JsonValues.kind(node);
  }

  private JsonNode get(String name) {
    known.add(name);
    JsonNode node = object.get(name);
    return node == null || node.isNull() ? null : node;
  }

  private String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
