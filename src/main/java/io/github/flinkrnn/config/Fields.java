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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One object of a configuration file, read field by field. Each read knows its path, so that every
 * mistake becomes an {@link InvalidFileException} with file, field and what was expected; {@link
 * #rejectUnknown} at the end finds the fields that nobody asked for. A null counts as absent.
 */
public final class Fields {
  private final String file;
  private final String path;
  private final JsonNode object;
  private final Map<String, String> shown;
  private final Set<String> known = new LinkedHashSet<>();
  private List<String> order = List.of(); // in which errors list the known fields

  private Fields(String file, String path, JsonNode object, Map<String, String> shown) {
    this.file = file;
    this.path = path;
    this.object = object;
    this.shown = shown;
  }

  /** The top of a file; an object or an error. */
  public static Fields of(String file, JsonNode root) {
    return of(file, root, Map.of());
  }

  /**
   * The top of a file; an object or an error.
   *
   * @param shown by path, what errors quote in the place of a value that they may not
   */
  public static Fields of(String file, JsonNode root, Map<String, String> shown) {
    if (!root.isObject()) {
      throw new InvalidFileException(
          file, "", "expected an object, found " + JsonValues.kind(root));
    }
    return new Fields(file, "", root, shown);
  }

  /**
   * Sets the order in which errors list the known fields, where several readers share the object;
   * those without a place come last. Makes no field known.
   */
  public void listAs(String... names) {
    order = List.of(names);
  }

  /** Whether the field is there and not null. */
  public boolean has(String name) {
    return get(name) != null;
  }

  /** The object in a field; an empty one when the field is absent. */
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

  /** Whether the field holds an object, and not a text or a list. */
  public boolean isObject(String name) {
    JsonNode node = get(name);
    return node != null && node.isObject();
  }

  /** The names of all fields that are there, known or not. */
  public List<String> names() {
    return List.copyOf(object.propertyNames());
  }

  /** A list of numbers that float32 can hold; it must be there. */
  public float[] floats(String name) {
    JsonNode node = get(name);
    if (node == null || !node.isArray()) {
      throw node == null ? missing(name) : wrong(name, "a list of numbers", node);
    }
    float[] floats = new float[node.size()];
    for (int i = 0; i < floats.length; i++) {
      JsonNode number = node.get(i);
      floats[i] = number.isNumber() ? Float.parseFloat(number.asString()) : Float.NaN;
      if (!Float.isFinite(floats[i])) {
        throw wrong(name + "[" + i + "]", "a number of float32", number);
      }
    }
    return floats;
  }

  /** A text that is not blank. */
  public Optional<String> text(String name) {
    JsonNode node = get(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isString() || node.stringValue().isBlank()) {
      throw wrong(name, "a text", node);
    }
    return Optional.of(node.stringValue());
  }

  /** A text without control characters, since people are shown it again and again. */
  public Optional<String> plainText(String name) {
    Optional<String> text = text(name);
    text.ifPresent(t -> expectPlain(name, t));
    return text;
  }

  /** The same of a list. */
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

  /** A text that must be there. */
  public String requiredText(String name) {
    return text(name).orElseThrow(() -> missing(name));
  }

  /** A text, or the text of a number: {@code idle_timeout: 0}. */
  public Optional<String> scalar(String name) {
    JsonNode node = get(name);
    return node != null && node.isNumber() ? Optional.of(node.asString()) : text(name);
  }

  /** True or false, also as a text. */
  public boolean flag(String name, boolean otherwise) {
    JsonNode node = get(name);
    if (node == null) {
      return otherwise;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isString() && node.stringValue().matches("true|false")) {
      return Boolean.parseBoolean(node.stringValue()); // ${NAME:true} arrives as a text
    }
    throw wrong(name, "true or false", node);
  }

  /** A whole number from 1 to {@code most}. */
  public Optional<Integer> positive(String name, int most) {
    return whole(name, 1, most);
  }

  /** A whole number from {@code least} to {@code most}. */
  public Optional<Integer> whole(String name, int least, int most) {
    JsonNode node = get(name);
    if (node == null) {
      return Optional.empty();
    }
    Optional<BigInteger> value = JsonValues.whole(node);
    if (value.isEmpty()
        || value.get().compareTo(BigInteger.valueOf(least)) < 0
        || value.get().compareTo(BigInteger.valueOf(most)) > 0) {
      throw wrong(name, "a whole number from " + least + " to " + most, node);
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

  /** One of the names of {@code choices}; a near miss is suggested. */
  public <T> Optional<T> choice(String name, Map<String, T> choices) {
    Optional<String> text = text(name);
    if (text.isPresent() && !choices.containsKey(text.get())) {
      throw wrongChoice(path(name), text.get(), choices.keySet());
    }
    return text.map(choices::get);
  }

  /** A list of texts, each given once; empty when the field is absent. */
  public List<String> texts(String name) {
    return texts(name, Integer.MAX_VALUE);
  }

  /**
   * The same with a limit.
   *
   * @param most how many texts there may be
   */
  public List<String> texts(String name, int most) {
    JsonNode node = get(name);
    if (node == null) {
      return new ArrayList<>();
    }
    if (!node.isArray()) {
      throw wrong(name, "a list", node);
    }
    if (node.size() > most) {
      throw invalid(name, "expected at most " + most + " elements, found " + node.size());
    }
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode element : node) {
      String place = name + "[" + texts.size() + "]";
      if (!element.isString()) {
        throw wrong(place, "a text", element);
      }
      if (!texts.add(element.stringValue())) {
        throw invalid(name, quoted(place, element.stringValue()) + " is given twice");
      }
    }
    return new ArrayList<>(texts);
  }

  /** A list of texts, or one text alone. */
  public List<String> textOrTexts(String name) {
    JsonNode node = get(name);
    return node != null && node.isArray() ? texts(name) : text(name).stream().toList();
  }

  /** A list whose every element is one of {@code choices}. */
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

  /** A free map: every field below this object, nested names joined with dots, values as text. */
  public Map<String, String> flattened(String name) {
    JsonNode node = get(name);
    if (node != null && !node.isObject()) {
      throw wrong(name, "an object", node);
    }
    return node == null ? new LinkedHashMap<>() : new FreeMap(this, name).flattened(node);
  }

  /** Fails on the first field that no read asked for. */
  public void rejectUnknown() {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new InvalidFileException(
            file,
            path(name),
            "is not a field here"
                + Nearest.hint(name, known)
                + "; expected "
                + String.join(", ", knownInOrder()));
      }
    }
  }

  private List<String> knownInOrder() {
    List<String> listed = new ArrayList<>(order);
    listed.retainAll(known);
    known.stream().filter(name -> !order.contains(name)).forEach(listed::add);
    return listed;
  }

  /** A required field is not there; or it is, misspelt. */
  public InvalidFileException missing(String name) {
    String first = name.replaceFirst("\\..*", "");
    if (!object.has(first)) {
      List<String> unread = new ArrayList<>(object.propertyNames());
      unread.removeAll(known);
      Optional<String> misspelt = Nearest.to(first, unread);
      if (misspelt.isPresent()) {
        return invalid(misspelt.get(), "is not a field here (did you mean " + first + "?)");
      }
    }
    return invalid(name, "is missing");
  }

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

  /** A field's text for an error, in quotes; what came from the environment by its name. */
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
