package io.github.flinkrnn.job;

import java.util.ArrayList;
import java.util.List;

/**
 * What is odd about a job file without being a mistake: lines that are said before the job starts,
 * and do not stop it.
 */
public final class JobWarnings {
  /** Each is compared with all of Flink's names: a file of nothing else would take minutes. */
  private static final int MOST_MISSPELT = 20;

  private JobWarnings() {}

  /** A line each: file, field, what is odd. */
  public static List<String> of(JobFile job) {
    List<String> lines = new ArrayList<>();
    misspeltOptions(job, lines);
    return lines;
  }

  private static void misspeltOptions(JobFile job, List<String> lines) {
    if (job.flink().isEmpty()) {
      return;
    }
    FlinkOptions options = new FlinkOptions();
    for (String name : job.flink().keySet()) {
      if (lines.size() == MOST_MISSPELT) {
        lines.add(
            job.file()
                + ": flink: the options behind "
                + MOST_MISSPELT
                + " like these were not looked at");
        return;
      }
      options
          .suspicion(name)
          .ifPresent(what -> lines.add(job.file() + ": flink." + name + ": " + what));
    }
  }
}
