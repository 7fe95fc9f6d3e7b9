package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.SeededNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Rows per second through {@code RNN} in {@code OVER} and through {@code RNN_STEPS}, beside the
 * operator one by one and without cache, after the same keys and features as rows and as tokens;
 * and through a no-op function in {@code OVER}, which shows what Flink itself needs.
 *
 * <p>The candidates take short {@link Turns}. Each is started several times, because the JIT
 * compiler decides otherwise in each process, which changes the rate by a tenth.
 */
final class SqlBench {
  private static final long SEED = 20261127;
  private static final List<String> BACKENDS = List.of("hashmap", "rocksdb");
  private static final int STARTS = 3;
  private static final int ROUNDS = 50; // of each start

  private final boolean quick;
  private final Progress progress;

  SqlBench(boolean quick, Progress progress) {
    this.quick = quick;
    this.progress = progress;
  }

  /** Measures in turns, and adds a row a backend to the figures and a line to the output. */
  String run(Figures figures, TemporaryFiles files) throws Exception {
    Path model = files.write(new SeededNetwork(OperatorCase.MAIN, SEED));
    StringBuilder text = new StringBuilder();
    for (String backend : BACKENDS) {
      OperatorCase where =
          new OperatorCase(OperatorCase.MAIN, backend, 1, SqlProcess.KEYS, false, ROUNDS);
      text.append(run(where, model, figures, files));
    }
    return text.toString();
  }

  private String run(OperatorCase where, Path model, Figures figures, TemporaryFiles files)
      throws Exception {
    Rates rates = new Rates(SqlProcess.CANDIDATES.size());
    int starts = quick ? 1 : STARTS;
    for (int start = 0; start < starts; start++) {
      progress.say(String.format(Locale.ROOT, "sql: %s: start %d of %d", where, start + 1, starts));
      run(where, model, SEED + start, rates, files);
    }
    figures.add(
        new Figures.Row("sql, " + where.network().name())
            .put("backend", where.backend())
            .put("ours_one_by_one_per_s", rates.median(0))
            .put("over_per_s", rates.median(1))
            .put("steps_per_s", rates.median(2))
            .put("over_no_op_per_s", rates.median(3))
            .put("over_by_one_by_one", rates.ratio(1, 0))
            .put("steps_by_one_by_one", rates.ratio(2, 0))
            .put("over_no_op_by_one_by_one", rates.ratio(3, 0))
            .put("over_by_over_no_op", rates.ratio(1, 3))
            .put("rounds", rates.rounds())
            .put("starts", starts));
    return String.format(
        Locale.ROOT,
        "%nsql: %s: the operator one by one %,.0f tokens/s; RNN in OVER %,.0f (%.2f);"
            + " RNN_STEPS %,.0f (%.2f); a no-op function in OVER %,.0f (%.2f), of which RNN has %.2f;"
            + " %d rounds after %d starts%n",
        where,
        rates.median(0),
        rates.median(1),
        rates.ratio(1, 0),
        rates.median(2),
        rates.ratio(2, 0),
        rates.median(3),
        rates.ratio(3, 0),
        rates.ratio(1, 3),
        rates.rounds(),
        starts);
  }

  /** Adds the rates of one start of all candidates. */
  private void run(OperatorCase where, Path model, long seed, Rates rates, TemporaryFiles files)
      throws IOException {
    try (Turns turns = new Turns(seed)) {
      for (String candidate : SqlProcess.CANDIDATES) {
        String directory = files.create("flink").toString();
        turns.start(SqlProcess.class, candidate, where.backend(), model.toString(), directory);
      }
      for (int round = 0; round < (quick ? 2 : where.rounds()); round++) {
        double[] perSecond = turns.round();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < perSecond.length; i++) {
          rates.add(i, perSecond[i]);
          String name = SqlProcess.CANDIDATES.get(i);
          line.append(String.format(Locale.ROOT, "%s %,.0f ", name, perSecond[i]));
        }
        progress.say(line + "rows/s");
      }
    }
  }
}
