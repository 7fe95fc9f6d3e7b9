package io.github.flinkrnn.bench;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.operator.StateBytes;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Tokens per second through the keyed operator: a no-op operator, flink-rnn, and three hand-written
 * ONNX Runtime operators, in turns after the same generated stream. Their predictions are compared
 * before anything is measured.
 */
final class OperatorBench {
  private static final long SEED = 20261123;

  /** A quick run does not begin another round of a case after this many seconds. */
  private static final double QUICK_SECONDS = 60;

  // The places of the candidates in the rates.
  private static final int NO_OP = 0;
  private static final int OURS = 1;
  private static final int ONNXRUNTIME = 2;
  private static final int PINNED = 3;
  private static final int BATCHED = 4;
  private static final int ONE_BY_ONE = 5; // ours
  private static final int WITHOUT_CACHE = 6; // ours, on RocksDB

  private final List<OperatorCase> cases;
  private final boolean withFields;
  private final boolean withSql;
  private final boolean withLookAhead;
  private final boolean quick;
  private final PrintStream out;
  private final Progress progress;
  private final Figures figures = new Figures();
  private final Table table =
      new Table(
          "operator",
          "no-op operator/s",
          "ours/s",
          "one by one/s",
          "without cache/s",
          "ONNX Runtime/s",
          "pinned/s",
          "batched/s",
          "ours by no-op",
          "by one by one",
          "by without cache",
          "by ONNX Runtime",
          "by pinned",
          "by batched",
          "rounds",
          "state B a key",
          "checkpoint MB",
          "in ms");

  private int runs;

  /**
   * @param withFields whether to measure a model of fields, too
   * @param withSql whether to measure the SQL functions, too
   * @param withLookAhead whether to measure a bidirectional model, too
   */
  OperatorBench(
      List<OperatorCase> cases,
      boolean withFields,
      boolean withSql,
      boolean withLookAhead,
      boolean quick,
      PrintStream out,
      Progress progress) {
    this.cases = cases;
    this.withFields = withFields;
    this.withSql = withSql;
    this.withLookAhead = withLookAhead;
    this.quick = quick;
    this.out = out;
    this.progress = progress;
  }

  Figures run() throws Exception {
    String kernel;
    String fields;
    String sql;
    String lookAhead;
    try (TemporaryFiles files = new TemporaryFiles()) {
      kernel = RnnModel.load(files.write(new SeededNetwork(OperatorCase.MAIN, SEED))).kernel();
      NetworkSize network = null;
      List<Candidate> candidates = List.of();
      for (OperatorCase where : cases) {
        try (LocalFlink flink =
            new LocalFlink(where.backend(), where.slots(), files.create("flink"))) {
          OperatorRun run = new OperatorRun(flink, where, where.network().input(), quick);
          if (!where.network().equals(network)) {
            network = where.network();
            candidates = Candidate.all(new SeededNetwork(network, SEED), files);
            compare(network, run, candidates);
          }
          if (figures.rows().isEmpty()) {
            warmUp(run, candidates);
          }
          measure(where, run, candidates);
        }
      }
      fields = withFields ? new FieldsBench(quick, progress).run(figures, files) : "";
      sql = withSql ? new SqlBench(quick, progress).run(figures, files) : "";
      lookAhead = withLookAhead ? new LookAheadBench(quick, progress).run(figures, files) : "";
    }
    out.println(Circumstances.header("operator", quick, kernel));
    if (!cases.isEmpty()) {
      out.print(table);
    }
    out.print(fields);
    out.print(sql);
    out.print(lookAhead);
    return figures;
  }

  /** Compares the predictions of all candidates that run a model. */
  private void compare(NetworkSize network, OperatorRun run, List<Candidate> candidates)
      throws Exception {
    double difference = run.agreement(candidates.subList(OURS, candidates.size()), "run-" + runs++);
    progress.say(
        String.format(
            Locale.ROOT, "%s: all predictions agree within %.1e", network.name(), difference));
  }

  /**
   * A round that is not counted, because the first one in a process is slow for every candidate.
   */
  private void warmUp(OperatorRun run, List<Candidate> candidates) throws Exception {
    progress.say("warm-up");
    for (Candidate candidate : candidates) {
      run.warmUp(candidate, "run-" + runs++);
    }
  }

  private void measure(OperatorCase where, OperatorRun run, List<Candidate> candidates)
      throws Exception {
    Rates rates = new Rates(candidates.size());
    LocalFlink.Checkpoint checkpoint = LocalFlink.Checkpoint.NONE;
    for (int round = 0; round < where.rounds(); round++) {
      if (quick && round > 0 && progress.seconds() > QUICK_SECONDS) {
        break;
      }
      for (int turn = 0; turn < candidates.size(); turn++) {
        int which = (round + turn) % candidates.size(); // another candidate is first in each round
        if (which == WITHOUT_CACHE && !where.backend().equals("rocksdb")) {
          continue; // there is no cache on the heap
        }
        boolean last = round == 0 && which == OURS;
        OperatorRun.Outcome outcome = run.of(candidates.get(which), "run-" + runs++, last);
        rates.add(which, outcome.perSecond());
        checkpoint = last ? outcome.checkpoint() : checkpoint;
        progress.say(
            String.format(
                Locale.ROOT,
                "%s, round %d, %s: %,.0f tokens/s",
                where,
                round + 1,
                candidates.get(which).name(),
                outcome.perSecond()));
      }
    }
    report(where, rates, checkpoint);
  }

  private void report(OperatorCase where, Rates rates, LocalFlink.Checkpoint checkpoint)
      throws Exception {
    int stateBytes = StateBytes.of(where.network().stateSize());
    figures.add(row(where, rates, stateBytes, checkpoint));
    table.row(
        where.toString(),
        Table.number("%,.0f", rates.median(NO_OP)),
        Table.number("%,.0f", rates.median(OURS)),
        Table.number("%,.0f", rates.median(ONE_BY_ONE)),
        Table.number("%,.0f", rates.median(WITHOUT_CACHE)),
        Table.number("%,.0f", rates.median(ONNXRUNTIME)),
        Table.number("%,.0f", rates.median(PINNED)),
        Table.number("%,.0f", rates.median(BATCHED)),
        Table.number("%.2f", rates.ratio(OURS, NO_OP)),
        Table.number("%.2f", rates.ratio(OURS, ONE_BY_ONE)),
        Table.number("%.2f", rates.ratio(OURS, WITHOUT_CACHE)),
        Table.number("%.2f", rates.ratio(OURS, ONNXRUNTIME)),
        Table.number("%.2f", rates.ratio(OURS, PINNED)),
        Table.number("%.2f", rates.ratio(OURS, BATCHED)),
        String.valueOf(rates.rounds()),
        String.valueOf(stateBytes),
        Table.number("%.1f", checkpoint.bytes() / 1e6),
        String.valueOf(checkpoint.millis()));
  }

  /**
   * @param rates the rates of {@link Candidate#all}
   */
  static Figures.Row row(
      OperatorCase where, Rates rates, int stateBytes, LocalFlink.Checkpoint checkpoint) {
    return new Figures.Row(where.network().name())
        .put("backend", where.backend())
        .put("slots", where.slots())
        .put("keys", where.keys())
        .put("distribution", where.isZipf() ? "zipf" : "uniform")
        .put("identity_per_s", rates.median(NO_OP))
        .put("ours_per_s", rates.median(OURS))
        .put("ours_one_by_one_per_s", rates.median(ONE_BY_ONE))
        .put("ours_without_cache_per_s", rates.median(WITHOUT_CACHE))
        .put("onnxruntime_per_s", rates.median(ONNXRUNTIME))
        .put("onnxruntime_pinned_per_s", rates.median(PINNED))
        .put("onnxruntime_batched_per_s", rates.median(BATCHED))
        .put("ours_by_identity", rates.ratio(OURS, NO_OP))
        .put("ours_by_one_by_one", rates.ratio(OURS, ONE_BY_ONE))
        .put("ours_by_without_cache", rates.ratio(OURS, WITHOUT_CACHE))
        .put("ours_by_onnxruntime", rates.ratio(OURS, ONNXRUNTIME))
        .put("ours_by_onnxruntime_pinned", rates.ratio(OURS, PINNED))
        .put("ours_by_onnxruntime_batched", rates.ratio(OURS, BATCHED))
        .put("rounds", rates.rounds())
        .put("state_bytes_a_key", stateBytes)
        .put("checkpoint_bytes", checkpoint.bytes())
        .put("checkpoint_ms", checkpoint.millis());
  }
}
