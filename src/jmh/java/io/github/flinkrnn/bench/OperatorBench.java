package io.github.flinkrnn.bench;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.operator.IdentityFunction;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.operator.StateBytes;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/**
 * Tokens per second through the keyed operator: a no-op operator, flink-rnn, and a hand-written
 * ONNX Runtime operator, in turns after the same generated stream.
 */
final class OperatorBench {
  private static final NetworkSize SIZE = new NetworkSize("rnn", 64, 32, 1);
  private static final long SEED = 20261123;

  /** A quick run does not begin a second round after this many seconds. */
  private static final double QUICK_SECONDS = 95;

  private final List<OperatorCase> cases;
  private final boolean withFields;
  private final boolean quick;
  private final PrintStream out;
  private final Progress progress;
  private final Figures figures = new Figures();
  private final Table table =
      new Table(
          SIZE.name(),
          "no-op operator/s",
          "ours/s",
          "ONNX Runtime/s",
          "ours by no-op",
          "ours by ONNX Runtime",
          "rounds",
          "state B a key",
          "checkpoint MB",
          "in ms");

  private int runs;

  /**
   * @param withFields whether to measure a model of fields, too
   */
  OperatorBench(
      List<OperatorCase> cases,
      boolean withFields,
      boolean quick,
      PrintStream out,
      Progress progress) {
    this.cases = cases;
    this.withFields = withFields;
    this.quick = quick;
    this.out = out;
    this.progress = progress;
  }

  Figures run() throws Exception {
    SeededNetwork network = new SeededNetwork(SIZE, SEED);
    String kernel;
    String fields;
    try (TemporaryFiles files = new TemporaryFiles()) {
      Path model = files.write(network);
      Path onnx = Files.write(files.create("onnx").resolve("step.onnx"), network.onnx());
      kernel = RnnModel.load(model).kernel();
      List<KeyedProcessFunction<String, Token, Prediction>> functions =
          List.of(
              new IdentityFunction(SIZE.stateSize(), NetworkSize.OUTPUTS),
              RnnFunction.of(model.toUri().toString()).withFields(OutputField.PREDICTION),
              new OnnxRuntimeFunction(SIZE, onnx.toString()));
      for (OperatorCase where : cases) {
        try (LocalFlink flink =
            new LocalFlink(where.backend(), where.slots(), files.create("flink"))) {
          OperatorRun run = new OperatorRun(flink, where, SIZE.input(), quick);
          if (figures.rows().isEmpty()) {
            warmUp(run, functions);
          }
          measure(where, run, functions);
        }
      }
      fields = withFields ? new FieldsBench(quick, progress).run(figures, files) : "";
    }
    out.println(Circumstances.header("operator", quick, kernel));
    if (!cases.isEmpty()) {
      out.print(table);
    }
    out.print(fields);
    return figures;
  }

  /** A round that is not counted, because the first one in a process is slow for every function. */
  private void warmUp(
      OperatorRun run, List<KeyedProcessFunction<String, Token, Prediction>> functions)
      throws Exception {
    progress.say("warm-up");
    for (KeyedProcessFunction<String, Token, Prediction> function : functions) {
      run.of(function, "run-" + runs++, false);
    }
  }

  private void measure(
      OperatorCase where,
      OperatorRun run,
      List<KeyedProcessFunction<String, Token, Prediction>> functions)
      throws Exception {
    Rates rates = new Rates(functions.size());
    LocalFlink.Checkpoint checkpoint = LocalFlink.Checkpoint.NONE;
    for (int round = 0; round < where.rounds(); round++) {
      if (quick && round > 0 && progress.seconds() > QUICK_SECONDS) {
        break;
      }
      for (int turn = 0; turn < functions.size(); turn++) {
        int which = (round + turn) % functions.size(); // another function is first in each round
        boolean last = round == 0 && which == 1;
        OperatorRun.Outcome outcome = run.of(functions.get(which), "run-" + runs++, last);
        rates.add(which, outcome.perSecond());
        checkpoint = last ? outcome.checkpoint() : checkpoint;
        progress.say(
            String.format(
                Locale.ROOT,
                "%s, round %d, %s: %,.0f tokens/s",
                where,
                round + 1,
                functions.get(which).getClass().getSimpleName(),
                outcome.perSecond()));
      }
    }
    report(where, rates, checkpoint);
  }

  private void report(OperatorCase where, Rates rates, LocalFlink.Checkpoint checkpoint)
      throws Exception {
    int stateBytes = StateBytes.of(SIZE.stateSize());
    figures.add(row(where, rates, stateBytes, checkpoint));
    table.row(
        where.toString(),
        Table.number("%,.0f", rates.median(0)),
        Table.number("%,.0f", rates.median(1)),
        Table.number("%,.0f", rates.median(2)),
        Table.number("%.2f", rates.ratio(1, 0)),
        Table.number("%.2f", rates.ratio(1, 2)),
        String.valueOf(rates.rounds()),
        String.valueOf(stateBytes),
        Table.number("%.1f", checkpoint.bytes() / 1e6),
        String.valueOf(checkpoint.millis()));
  }

  /**
   * @param rates the rates of the no-op operator, flink-rnn and the ONNX Runtime operator, in this
   *     order
   */
  static Figures.Row row(
      OperatorCase where, Rates rates, int stateBytes, LocalFlink.Checkpoint checkpoint) {
    return new Figures.Row(SIZE.name())
        .put("backend", where.backend())
        .put("slots", where.slots())
        .put("keys", where.keys())
        .put("identity_per_s", rates.median(0))
        .put("ours_per_s", rates.median(1))
        .put("onnxruntime_per_s", rates.median(2))
        .put("ours_by_identity", rates.ratio(1, 0))
        .put("ours_by_onnxruntime", rates.ratio(1, 2))
        .put("rounds", rates.rounds())
        .put("state_bytes_a_key", stateBytes)
        .put("checkpoint_bytes", checkpoint.bytes())
        .put("checkpoint_ms", checkpoint.millis());
  }
}
