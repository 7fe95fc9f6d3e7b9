package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Reason;
import java.util.Arrays;
import java.util.regex.Pattern;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the value of a field of x&lt;t&gt;: a string, a boolean, a number, or an array of numbers
 * in which NaN stands for null. Whether the field of the model takes it is not checked here.
 */
final class FieldValueReader {
  private static final int MOST_NUMBERS = 1 << 20;
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private FieldValueReader() {}

  /**
   * The value at which the parser stands; null for null. After an array, the parser is at its end.
   *
   * @param name of the field, for errors
   * @param isNumeric whether a string may be a number
   */
  static Object read(String name, JsonParser parser, boolean isNumeric) throws Rejection {
    JsonToken at = parser.currentToken();
    return switch (at) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> {
        String text =
            StandardFieldReader.text(name, parser.getString(), StandardFieldReader.MAX_TEXT);
        yield isNumeric && isNumber(text) ? (Object) Double.parseDouble(text) : text;
      }
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case START_ARRAY -> numbers(name, parser, isNumeric);
      default ->
          throw new Rejection(
              Reason.WRONG_TYPE,
              name,
              "expected a string, a number or an array, found " + StandardFieldReader.kind(at));
    };
  }

  static boolean isNumber(String text) {
    return text.length() <= 1000 && NUMBER.matcher(text).matches();
  }

  private static double[] numbers(String name, JsonParser parser, boolean isNumeric)
      throws Rejection {
    double[] numbers = new double[16];
    int length = 0;
    for (JsonToken at = parser.nextToken(); at != JsonToken.END_ARRAY; at = parser.nextToken()) {
      if (length == MOST_NUMBERS) {
        throw new Rejection(
            Reason.WRONG_LENGTH, name, "expected at most " + MOST_NUMBERS + " numbers");
      }
      if (length == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * length);
      }
      numbers[length] = number(name, length, at, parser, isNumeric);
      length++;
    }
    return Arrays.copyOf(numbers, length);
  }

  private static double number(
      String name, int index, JsonToken at, JsonParser parser, boolean isNumeric) throws Rejection {
    if (at == JsonToken.VALUE_NULL) {
      return Double.NaN;
    }
    if (at.isBoolean()) {
      return at == JsonToken.VALUE_TRUE ? 1 : 0;
    }
    double number;
    if (at.isNumeric()) {
      number = parser.getDoubleValue();
    } else if (isNumeric && at == JsonToken.VALUE_STRING && isNumber(parser.getString())) {
      number = Double.parseDouble(parser.getString());
    } else {
      String found = StandardFieldReader.kind(at);
      throw new Rejection(Reason.WRONG_TYPE, name, index, "expected a number, found " + found);
    }
    if (Double.isNaN(number)) { // would be a missing one
      throw new Rejection(Reason.NOT_FINITE, name, index, "expected a finite float32");
    }
    return number;
  }
}
