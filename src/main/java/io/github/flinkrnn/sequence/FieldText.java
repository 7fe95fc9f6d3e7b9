package io.github.flinkrnn.sequence;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * Formats a record as one line for humans: the fields that are present, arrays with their elements.
 */
final class FieldText {
  private FieldText() {}

  /**
   * @param values of the components, in their order
   */
  static String of(Record record, Object[] values) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    StringJoiner line = new StringJoiner(", ", record.getClass().getSimpleName() + "[", "]");
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        String all = Arrays.deepToString(new Object[] {values[i]});
        line.add(components[i].getName() + "=" + all.substring(1, all.length() - 1));
      }
    }
    return line.toString();
  }
}
