package io.github.flinkrnn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The statements of an SQL file. Semicolons in strings, in quoted names and in comments end none,
 * and a statement set ends at {@code END;}.
 */
final class SqlScript {
  private static final Pattern BLANK = Pattern.compile("(?s)(\\s|--[^\\n]*|/\\*(?!\\+).*?\\*/)+");
  private static final Pattern SET_OF_STATEMENTS =
      Pattern.compile("EXECUTE\\s+STATEMENT\\s+SET\\b.*", Pattern.DOTALL);
  private static final Pattern SET = Pattern.compile("(?i)\\s*SET\\b");
  private static final Pattern END = Pattern.compile(".*\\bEND\\s*", Pattern.DOTALL);

  /**
   * One statement.
   *
   * @param text the statement after as many line breaks and spaces as make its place in the text
   *     its place in the file, so that Flink's errors have the line and column of the file
   * @param line where it begins, from 1
   * @param column from 1
   */
  record Statement(String text, int line, int column) {
    /** Whether it sets an option. */
    boolean isSet() {
      return SET.matcher(text).lookingAt();
    }
  }

  private final String script;
  private final List<Statement> statements = new ArrayList<>();

  private SqlScript(String script) {
    this.script = script;
  }

  static List<Statement> statements(String script) {
    SqlScript parsed = new SqlScript(script);
    parsed.split();
    return parsed.statements;
  }

  private void split() {
    int begin = 0;
    StringBuilder bare = new StringBuilder(); // the statement without strings and comments
    int i = 0;
    while (i < script.length()) {
      char c = script.charAt(i);
      if (c == '\'' || c == '`' || c == '"') {
        i = after(String.valueOf(c), i + 1);
        bare.append(c);
      } else if (script.startsWith("--", i)) {
        i = after("\n", i);
        bare.append(' ');
      } else if (script.startsWith("/*", i)) {
        i = after("*/", i + 2);
        bare.append(' ');
      } else if (c == ';' && isEnd(bare.toString())) {
        add(begin, i);
        i++;
        begin = i;
        bare.setLength(0);
      } else {
        bare.append(c);
        i++;
      }
    }
    add(begin, script.length());
  }

  /** The index after the next occurrence of an end, or the length. */
  private int after(String end, int from) {
    int at = script.indexOf(end, from);
    return at < 0 ? script.length() : at + end.length();
  }

  private static boolean isEnd(String bare) {
    String upper = bare.strip().toUpperCase(Locale.ROOT);
    return !SET_OF_STATEMENTS.matcher(upper).matches() || END.matcher(upper).matches();
  }

  private void add(int from, int to) {
    Matcher blank = BLANK.matcher(script).region(from, to);
    int begin = blank.lookingAt() ? blank.end() : from;
    if (begin == to) {
      return;
    }
    int line = 1;
    int lineBegin = 0;
    for (int i = 0; i < begin; i++) {
      if (script.charAt(i) == '\n') {
        line++;
        lineBegin = i + 1;
      }
    }
    int column = begin - lineBegin + 1;
    String place = "\n".repeat(line - 1) + " ".repeat(column - 1);
    statements.add(new Statement(place + script.substring(begin, to), line, column));
  }
}
