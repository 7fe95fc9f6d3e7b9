package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An object in the description of a model.
 *
 * @param file the name of the file in errors
 * @param place where the object stands in the file
 */
record JsonObject(String file, String place, JsonNode node) {
  private static final int MAX_UNITS = 1 << 24;
  private static final int MAX_NUMBERS = 1 << 20;

  /** The same fields under another name in errors. */
  JsonObject at(String other) {
    return new JsonObject(file, other, node);
  }

  /** The options of a layer that is a value here. */
  JsonObject config(JsonNode layer) {
    return new JsonObject(file, place, layer.path("config"));
  }

  String text(String field) {
    JsonNode text = node.get(field);
    if (text == null || !text.isString() || text.stringValue().isEmpty()) {
      throw invalid(field, "expected a string");
    }
    return text.stringValue();
  }

  /** An object within this one. */
  JsonObject object(String field, String named) {
    JsonNode object = node.get(field);
    if (object == null || !object.isObject()) {
      throw invalid(field, "expected an object");
    }
    return new JsonObject(file, named, object);
  }

  /** A number of units; required. */
  int units(String field) {
    JsonNode units = node.get(field);
    if (units == null || !units.isInt() || units.intValue() < 1 || units.intValue() > MAX_UNITS) {
      throw invalid(field, "expected an integer from 1 to " + MAX_UNITS);
    }
    return units.intValue();
  }

  /** An integer, or an array of one integer. */
  int single(String field, int most) {
    JsonNode of = node.path(field);
    JsonNode number = of.isArray() && of.size() == 1 ? of.get(0) : of;
    if (!number.isInt() || number.intValue() < 1 || number.intValue() > most) {
      throw invalid(field, "expected an integer from 1 to " + most);
    }
    return number.intValue();
  }

  Optional<Boolean> flag(String field) {
    JsonNode flag = node.get(field);
    if (flag == null || flag.isNull()) {
      return Optional.empty();
    }
    if (!flag.isBoolean()) {
      throw invalid(field, "expected true or false");
    }
    return Optional.of(flag.booleanValue());
  }

  /** A number, or the value if the field is absent or null. */
  double number(String field, double absent) {
    JsonNode number = node.path(field);
    if (number.isMissingNode() || number.isNull()) {
      return absent;
    }
    double value = value(number);
    if (Double.isNaN(value)) {
      throw invalid(field, "expected a finite float32 number");
    }
    return value;
  }

  /** A number, or an array of numbers at any depth; null if the field is absent or null. */
  double[] numbers(String field) {
    JsonNode numbers = node.path(field);
    return numbers.isMissingNode() || numbers.isNull() ? null : numbers(field, numbers);
  }

  /** A number, or an array of numbers at any depth, as it stands or in an object of Keras 3. */
  double[] numbers(String field, JsonNode numbers) {
    double[] found = new double[Math.min(MAX_NUMBERS, leaves(numbers))];
    if (found.length == 0) {
      throw invalid(field, "expected numbers, found none");
    }
    fill(field, numbers, found, 0);
    return found;
  }

  private static int leaves(JsonNode numbers) {
    JsonNode content = content(numbers);
    if (!content.isArray()) {
      return 1;
    }
    int leaves = 0;
    for (JsonNode element : content) {
      leaves += leaves(element);
    }
    return leaves;
  }

  private int fill(String field, JsonNode numbers, double[] into, int from) {
    JsonNode content = content(numbers);
    if (!content.isArray()) {
      double value = value(content);
      if (Double.isNaN(value) || from == into.length) {
        throw invalid(field, "expected finite float32 numbers");
      }
      into[from] = value;
      return from + 1;
    }
    int at = from;
    for (JsonNode element : content) {
      at = fill(field, element, into, at);
    }
    return at;
  }

  /** The number; NaN if it is none, or not a finite float32 number. */
  private static double value(JsonNode number) {
    double value = number.isNumber() ? number.asDouble(Double.NaN) : Double.NaN;
    return Float.isFinite((float) value) ? value : Double.NaN;
  }

  private static JsonNode content(JsonNode numbers) {
    return numbers.path("config").has("value") ? numbers.path("config").path("value") : numbers;
  }

  InvalidFileException invalid(String field, String problem) {
    return new InvalidFileException(file, place + (field.isEmpty() ? "" : "." + field), problem);
  }
}
