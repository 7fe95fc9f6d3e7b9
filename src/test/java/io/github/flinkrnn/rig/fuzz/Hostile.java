package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.config.Shown;
import java.util.List;
import java.util.Random;

/** Strings, numbers and JSON values that are known to break programs. */
final class Hostile {
  /**
   * ASCII and C1 control characters, Unicode line ends, bidirectional controls, halves of surrogate
   * pairs.
   */
  static final List<String> CONTROLS =
      List.of(
          "\u001b[31m",
          "\u001b]0;x\u0007",
          "\u0007",
          "\b",
          "\0",
          "\u007f",
          "\u0085",
          "\u009b31m",
          "\u202e",
          "\u2066",
          "\u200f",
          "\n",
          "\r\n",
          "\t",
          "\u2028",
          "\u2029",
          "\ud800",
          "\udfff",
          "x\ud83d",
          "\ude00x",
          "\ufeff",
          "\uffff");

  private static final List<String> STRINGS =
      List.of(
          "",
          " ",
          "a",
          "null",
          "true",
          "NaN",
          "0",
          "-1",
          "/",
          "~1",
          "..",
          "../../x",
          "${HOME}",
          "${a:${b:c}}",
          "$${x}",
          "%s%n",
          "😀",
          "Größe",
          "İ",
          "e\u0301",
          "ﬁ",
          "\ud83d\ude00\ud83d\ude00",
          "<unk>",
          "1e5",
          "key",
          "token",
          "t",
          "prediction");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-0.0",
          "1",
          "-1",
          "2",
          "7",
          "0.5",
          "1.0",
          "1e0",
          "3e2",
          "1.5e-3",
          "127",
          "255",
          "32768",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967296",
          "9007199254740993",
          "9223372036854775806",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775807",
          "-9223372036854775808",
          "-9223372036854775809",
          "1700000000",
          "1700000000000",
          "1700000000.125",
          "1e38",
          "3.4028235e38",
          "3.5e38",
          "-1e39",
          "1e-46",
          "4.9e-324",
          "1e308",
          "1e309",
          "1e999",
          "-1e999999999",
          "1e-999999999",
          "1e2147483648",
          "0e999999999");

  private Hostile() {}

  static <T> T one(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  /** A string of any characters. */
  static String string(Random random) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> one(STRINGS, random);
      case 3, 4 -> one(CONTROLS, random);
      case 5 -> one(STRINGS, random) + one(CONTROLS, random) + one(STRINGS, random);
      case 6 -> (one(STRINGS, random) + one(CONTROLS, random)).repeat(1 + random.nextInt(300));
      case 7 -> "w".repeat(random.nextInt(1000));
      default -> characters(random, 1 + random.nextInt(12));
    };
  }

  private static String characters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(
          switch (random.nextInt(4)) {
            case 0 -> (char) random.nextInt(0x100);
            case 1 -> (char) random.nextInt(0x10000);
            default -> (char) ('a' + random.nextInt(26));
          });
    }
    return text.toString();
  }

  /** A JSON number as a string, or almost one. */
  static String number(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> String.valueOf(random.nextLong());
      case 1 -> String.valueOf(random.nextGaussian() * 1e3);
      case 2 -> one(List.of("NaN", "Infinity", "-Infinity", "+1", "01", ".5", "1.", "0x1"), random);
      case 3 -> "9".repeat(1 + random.nextInt(1200));
      case 4 -> "0." + "3".repeat(1 + random.nextInt(1200));
      default -> one(NUMBERS, random);
    };
  }

  /** A JSON value as a string, or almost one. */
  static String json(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 6 : 10)) {
      case 0 -> "null";
      case 1 -> random.nextBoolean() ? "true" : "false";
      case 2, 3 -> number(random);
      case 4, 5 -> quoted(string(random), random);
      case 6 -> deep(random);
      case 7 -> "[" + json(random, depth + 1) + "]";
      case 8 -> "[" + json(random, depth + 1) + "," + json(random, depth + 1) + "]";
      default ->
          "{"
              + quoted(string(random), random)
              + ":"
              + json(random, depth + 1)
              + ","
              + quoted(string(random), random)
              + ":"
              + json(random, depth + 1)
              + "}";
    };
  }

  private static String deep(Random random) {
    int depth = random.nextInt(130);
    return random.nextBoolean()
        ? "[".repeat(depth) + "]".repeat(depth)
        : "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }

  /** A JSON string: mostly valid, with the necessary escapes and sometimes others. */
  static String quoted(String text, Random random) {
    boolean all = random.nextInt(8) == 0;
    boolean none = random.nextInt(40) == 0; // raw control characters, which are not valid JSON
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (all || (!none && (c < ' ' || Character.isSurrogate(c)))) {
        json.append(Shown.escape(c));
      } else if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
