package io.github.flinkrnn.config;

import java.math.BigInteger;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What single values of a configuration file say, as numbers and in errors. */
final class JsonValues {
  private static final String DECIMAL = "-?\\d{1,18}(\\.\\d{1,18})?([eE][-+]?\\d{1,3})?";

  private JsonValues() {}

  /** A whole number, or a text of at most 18 digits: {@code ${NAME:7}} arrives as one. */
  static Optional<BigInteger> whole(JsonNode node) {
    boolean digits = node.isString() && node.stringValue().matches("\\d{1,18}");
    return node.isIntegralNumber() || digits
        ? Optional.of(new BigInteger(node.asString()))
        : Optional.empty();
  }

  /** The number that a text is; NaN for one that is none. */
  static double decimal(String text) {
    return text.matches(DECIMAL) ? Double.parseDouble(text) : Double.NaN;
  }

  /** A whole number without its .0. */
  static String shown(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  /** A value in a phrase. */
  static String kind(JsonNode node) {
    if (node.isObject()) {
      return "an object";
    }
    if (node.isArray()) {
      return "a list";
    }
    return node.isString() ? "'" + node.stringValue() + "'" : node.toString();
  }
}
