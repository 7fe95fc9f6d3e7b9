package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.SameNameCheck;
import java.time.Duration;

/** Looks for a running job with the name of the one that is to start, and says what it finds. */
final class SameName {
  private SameName() {}

  /**
   * Expects no running job with this name on the job's brokers.
   *
   * @param takesOver whether the job has the same transactional ids, and so aborts transactions
   *     that such a job left open
   * @throws InvalidFileException if there is one
   */
  static void expectNone(JobFile job, Console console, boolean takesOver)
      throws InterruptedException {
    try (SameNameCheck check = new SameNameCheck(job, takesOver)) {
      Duration patience = check.patience();
      if (!patience.isZero()) {
        console.say(
            "check",
            "is a job '%s' running? (%.1f s)".formatted(job.name(), patience.toMillis() / 1e3));
      }
      var left = check.expectNone();
      check.warnings().forEach(console::warn);
      if (takesOver) {
        left.ifPresent(line -> console.say("takeover", line));
      }
    }
  }
}
