package io.github.flinkrnn.cli;

import io.github.flinkrnn.cli.SqlScript.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in one line what is wrong with a statement, and where. */
final class SqlProblem {
  private static final Pattern PLACE =
      Pattern.compile(
          "(?:From | at )?line (\\d+), column (\\d+)(?: to line \\d+, column \\d+)?(?::\\s*)?");

  private static final Pattern NOISE =
      Pattern.compile("^(SQL validation failed\\.|SQL parse failed\\.)\\s*");

  private static final String FRAME =
      "RNN: expected OVER (PARTITION BY … ORDER BY … ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT"
          + " ROW), found another frame";

  private SqlProblem() {}

  /** FILE:LINE:COLUMN and the reason. */
  static String of(String file, Statement statement, Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable each = failure; each != null && !chain.contains(each); each = each.getCause()) {
      chain.add(each);
    }
    int line = statement.line();
    int column = statement.column();
    for (Throwable each : chain) {
      Matcher place = PLACE.matcher(String.valueOf(each.getMessage()));
      if (place.find()) {
        line = Integer.parseInt(place.group(1));
        column = Integer.parseInt(place.group(2));
        break;
      }
    }
    return file + ":" + line + ":" + column + ": " + reason(chain);
  }

  /** The reason: Flink's, or what it means for our functions where Flink cannot know it. */
  private static String reason(List<Throwable> chain) {
    Throwable inner = chain.get(chain.size() - 1);
    String message = String.valueOf(inner.getMessage());
    if (message.contains("implementation method 'retract' in class 'io.github.flinkrnn.sql.Rnn'")) {
      return FRAME;
    }
    if (message.startsWith("Unsupported SQL query! executeSql()")) {
      return "expected a statement that Flink's Table API can run, such as CREATE, SET, EXPLAIN, SELECT,"
          + " INSERT or EXECUTE STATEMENT SET BEGIN … END";
    }
    if (message.contains("not enough rules")
        && message.contains("BATCH_PHYSICAL")
        && message.contains("FlinkLogicalTableFunctionScan")) {
      return "RNN_STEPS: expected streaming mode, because Flink has no process table functions in"
          + " batch mode; RNN in OVER has both";
    }
    if (message.equals("DEFAULT is only allowed for optional parameters")) {
      return "expected every argument that is not optional, by its name; those of RNN_STEPS are input"
          + " and model (optional: options, on_time, uid)";
    }
    if (message.contains("doesn't support consuming update")) {
      return "expected an input whose rows are only inserted: " + message;
    }
    String said = NOISE.matcher(PLACE.matcher(message).replaceAll("")).replaceFirst("");
    said = said.replaceFirst("(?s)\\s*Was expecting one of:.*", "");
    said = said.replaceFirst("\\s+\\.$", ".").strip().replaceAll("\\s*\\R\\s*", " ");
    return said.isEmpty() ? inner.getClass().getSimpleName() : said;
  }
}
