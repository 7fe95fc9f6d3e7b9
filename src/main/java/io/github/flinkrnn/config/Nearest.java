package io.github.flinkrnn.config;

import java.util.Collection;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/** Suggests the correct spelling of a misspelt name. */
@Internal
public final class Nearest {
  private Nearest() {}

  /** The closest of {@code names} to {@code word}, if it is close enough for a suggestion. */
  public static Optional<String> to(String word, Collection<String> names) {
    return within(Math.max(2, word.length() / 3), word, names);
  }

  /** The closest of {@code names} within {@code edits} edits of {@code word}. */
  public static Optional<String> within(int edits, String word, Collection<String> names) {
    String nearest = null;
    int least = edits + 1;
    for (String name : names) {
      int distance = distance(word, name, least);
      // A distance equal to the longer length means no letter in common.
      if (distance < least && distance < Math.max(word.length(), name.length())) {
        least = distance;
        nearest = name;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code " (did you mean NAME?)"}, or an empty string when no name is close. */
  public static String hint(String word, Collection<String> names) {
    return to(word, names).map(name -> " (did you mean " + name + "?)").orElse("");
  }

  /** The problem of a field with a name that is not known. */
  public static String unknownField(
      String name, Collection<String> known, Collection<String> listed) {
    return "unknown field" + hint(name, known) + "; expected " + String.join(", ", listed);
  }

  /** The Levenshtein distance, one row at a time. It is exact only below {@code bound}. */
  private static int distance(String a, String b, int bound) {
    if (Math.abs(a.length() - b.length()) >= Math.min(bound, 65)) {
      return Integer.MAX_VALUE;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      int least = i;
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
        least = Math.min(least, row[j]);
      }
      if (least >= bound) { // no later row has less
        return Integer.MAX_VALUE;
      }
    }
    return row[b.length()];
  }
}
