package io.github.flinkrnn.config;

import java.math.BigInteger;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Converts single values of a configuration file to numbers and to phrases for errors. */
final class JsonValues {
  private static final String DECIMAL = "-?\\d{1,18}(\\.\\d{1,18})?([eE][-+]?\\d{1,3})?";

  private JsonValues() {}

  /** An integer, or a string of at most 18 digits, as {@code ${NAME:7}} is replaced by. */
  static Optional<BigInteger> whole(JsonNode node) {
    boolean digits = node.isString() && node.stringValue().matches("\\d{1,18}");
    return node.isIntegralNumber() || digits
        ? Optional.of(new BigInteger(node.asString()))
        : Optional.empty();
  }

  /** Parses a decimal number; NaN when the string is not one. */
  static double decimal(String text) {
    return text.matches(DECIMAL) ? Double.parseDouble(text) : Double.NaN;
  }

  /** The number as text, an integer without ".0". */
  static String shown(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  /** A value as a phrase for errors. */
  static String kind(JsonNode node) {
    if (node.isObject()) {
      return "an object";
    }
    if (node.isArray()) {
      return "an array";
    }
    return node.isString() ? "'" + node.stringValue() + "'" : node.toString();
  }
}
