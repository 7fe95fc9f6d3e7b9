package io.github.flinkrnn.sequence;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * Formats a record as one line for humans: the fields that are present, arrays with their elements.
 */
final class FieldText {
  private FieldText() {}

  static String of(String type, String[] names, Object[] values) {
    StringJoiner line = new StringJoiner(", ", type + "[", "]");
    for (int i = 0; i < names.length; i++) {
      if (values[i] != null) {
        String all = Arrays.deepToString(new Object[] {values[i]});
        line.add(names[i] + "=" + all.substring(1, all.length() - 1));
      }
    }
    return line.toString();
  }
}
