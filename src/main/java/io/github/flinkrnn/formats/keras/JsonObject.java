package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.Optional;
import java.util.stream.DoubleStream;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object in the description of a model. Fields that are not read are ignored, because Keras
 * writes many that have no effect on inference.
 *
 * @param file the name of the file, for errors
 * @param place the path of the object in the file or the name of its layer, for errors
 */
record JsonObject(String file, String place, JsonNode node) {
  static final int MAX_UNITS = 1 << 24;

  /** The same object with another place in errors. */
  JsonObject at(String other) {
    return new JsonObject(file, other, node);
  }

  /** The name of the layer that this object describes. */
  String layerName() {
    return object("config", place + " " + text("class_name")).text("name");
  }

  /** The options of a layer that is the value of a field, with the place of this object. */
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

  /**
   * An object within this one.
   *
   * @param placed the place of that object, for errors
   */
  JsonObject object(String field, String placed) {
    JsonNode object = node.get(field);
    if (object == null || !object.isObject()) {
      throw invalid(field, "expected an object");
    }
    return new JsonObject(file, placed, object);
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
    JsonNode value = node.path(field);
    JsonNode number = value.isArray() && value.size() == 1 ? value.get(0) : value;
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
    double[] found = flat(numbers).toArray();
    if (found.length == 0) {
      throw invalid(field, "expected numbers, found none");
    }
    if (DoubleStream.of(found).anyMatch(Double::isNaN)) {
      throw invalid(field, "expected finite float32 numbers");
    }
    return found;
  }

  /** All numbers in their order. They are few, because the text has at most 1 MiB. */
  private static DoubleStream flat(JsonNode numbers) {
    JsonNode content =
        numbers.path("config").has("value") ? numbers.path("config").path("value") : numbers;
    return content.isArray()
        ? content.valueStream().flatMapToDouble(JsonObject::flat)
        : DoubleStream.of(value(content));
  }

  /** The number; NaN if it is none, or not a finite float32 number. */
  private static double value(JsonNode number) {
    double value = number.isNumber() ? number.asDouble(Double.NaN) : Double.NaN;
    return Float.isFinite((float) value) ? value : Double.NaN;
  }

  InvalidFileException invalid(String field, String problem) {
    return new InvalidFileException(file, place + (field.isEmpty() ? "" : "." + field), problem);
  }
}
