package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import java.util.function.UnaryOperator;

/**
 * The variables of a job file, {@code ${NAME}} and {@code ${NAME:default}}. A string is read once,
 * from left to right, in time linear in its length.
 */
final class Variables {
  /** The maximum length of all values: a short file must not become a long one. */
  static final int MAX_FILLED = 1 << 20;

  private final String file;
  private final UnaryOperator<String> environment;
  private int filled;

  /**
   * @param file the name of the file in errors
   * @param environment the value of a variable, or null
   */
  Variables(String file, UnaryOperator<String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /**
   * A string with its variables replaced.
   *
   * @param shown the same for messages: {@code ${NAME}} for values from the environment
   */
  record Filled(String text, String shown) {}

  /** A variable in a string: its name, its default or null, and the index after it. */
  private record Variable(String name, String otherwise, int end) {}

  /**
   * Replaces the variables of a string.
   *
   * @param path the field of the string, for errors
   * @throws InvalidFileException for a variable without value and default
   */
  Filled fill(String path, String text) {
    StringBuilder whole = new StringBuilder();
    StringBuilder shown = new StringBuilder();
    int lastBrace = text.lastIndexOf('}');
    int at = 0;
    while (at < text.length()) {
      int dollar = text.indexOf('$', at);
      if (dollar < 0) {
        break;
      }
      whole.append(text, at, dollar);
      shown.append(text, at, dollar);
      at = dollar;
      Variable variable = dollar < lastBrace ? variable(text, dollar) : null;
      if (text.startsWith("$${", dollar)) { // escapes ${, which Kafka's config providers use
        whole.append("${");
        shown.append("${");
        at += 3;
      } else if (variable != null) {
        String value = environment.apply(variable.name());
        shown.append(value == null ? variable.otherwise() : "${" + variable.name() + "}");
        whole.append(checked(path, variable, value == null ? variable.otherwise() : value));
        at = variable.end();
      } else {
        whole.append('$');
        shown.append('$');
        at++;
      }
    }
    whole.append(text, at, text.length());
    return new Filled(whole.toString(), shown.append(text, at, text.length()).toString());
  }

  /** The variable that begins at a dollar sign, or null. */
  private static Variable variable(String text, int dollar) {
    int end = dollar + 2;
    if (!text.startsWith("{", dollar + 1)) {
      return null;
    }
    while (end < text.length() && isOfName(text.charAt(end), end > dollar + 2)) {
      end++;
    }
    if (end == dollar + 2 || end == text.length()) {
      return null;
    }
    String name = text.substring(dollar + 2, end);
    if (text.charAt(end) == '}') {
      return new Variable(name, null, end + 1);
    }
    int brace = text.charAt(end) == ':' ? text.indexOf('}', end) : -1;
    return brace < 0 ? null : new Variable(name, text.substring(end + 1, brace), brace + 1);
  }

  private static boolean isOfName(char c, boolean digits) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || c == '_'
        || (digits && c >= '0' && c <= '9');
  }

  private String checked(String path, Variable variable, String value) {
    if (value == null) {
      throw new InvalidFileException(
          file, path, "the environment variable " + variable.name() + " is not set");
    }
    filled += value.length();
    if (filled > MAX_FILLED) {
      throw new InvalidFileException(
          file, path, "expected at most " + MAX_FILLED + " characters from all variables");
    }
    return value;
  }
}
