package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.PaymentModel;
import io.github.flinkrnn.network.SeededNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Tokens per second of a model with {@code input.fields}, beside plain models with a feature for
 * each field and with a feature for each number of x&lt;t&gt;, and beside a hand-written ONNX
 * Runtime operator that looks the words up and scales the numbers itself. Payments go to all
 * merchants alike, so that each step reads other rows of the tables; and, for comparison, by Zipf's
 * law.
 */
final class FieldsBench {
  private static final long SEED = 20261126;
  private static final OperatorCase CASE =
      new OperatorCase(PaymentModel.SIZE, "hashmap", 1, 10_000, false, 9);
  private static final OperatorCase ZIPF =
      new OperatorCase(PaymentModel.SIZE, "hashmap", 1, 10_000, true, 9);

  private final boolean quick;
  private final Progress progress;

  FieldsBench(boolean quick, Progress progress) {
    this.quick = quick;
    this.progress = progress;
  }

  /** Measures in turns, and adds a row to the figures and a line to the output. */
  String run(Figures figures, TemporaryFiles files) throws Exception {
    SeededNetwork plain = new SeededNetwork(PaymentModel.PLAIN, SEED);
    SeededNetwork network = new SeededNetwork(PaymentModel.SIZE, SEED);
    PaymentModel payments = new PaymentModel(SEED);
    Path fields = payments.writeModel(files.create("payments"), network);
    Path onnx = Files.write(files.create("onnx").resolve("step.onnx"), network.onnx());
    List<Candidate> candidates =
        List.of(
            Candidate.ours(files.write(plain)),
            Candidate.ours(fields),
            Candidate.of(
                "ONNX Runtime",
                new OnnxRuntimeFunction(PaymentModel.SIZE, onnx.toString(), payments)),
            Candidate.ours(files.write(network)),
            Candidate.ours(fields));
    Rates rates = new Rates(candidates.size());
    int rounds = quick ? 2 : CASE.rounds();
    try (LocalFlink flink = new LocalFlink(CASE.backend(), CASE.slots(), files.create("flink"))) {
      OperatorRun features = new OperatorRun(flink, CASE, PaymentModel.PLAIN.input(), quick);
      OperatorRun wide = new OperatorRun(flink, CASE, PaymentModel.SIZE.input(), quick);
      OperatorRun ofFields = new OperatorRun(flink, CASE, 0, quick);
      OperatorRun ofZipf = new OperatorRun(flink, ZIPF, 0, quick);
      List<OperatorRun> runs = List.of(features, ofFields, ofFields, wide, ofZipf);
      for (int round = quick ? 0 : -1; round < rounds; round++) { // before round 0, a warm-up
        for (int turn = 0; turn < candidates.size(); turn++) {
          int which = (round + 1 + turn) % candidates.size();
          String name = "fields-" + round + "-" + which;
          double rate = runs.get(which).of(candidates.get(which), name, false).perSecond();
          if (round >= 0) {
            rates.add(which, rate);
          }
          progress.say(String.format(Locale.ROOT, "%s: %,.0f tokens/s", name, rate));
        }
      }
    }
    figures.add(
        new Figures.Row("payments, " + PaymentModel.SIZE.name())
            .put("plain_per_s", rates.median(0))
            .put("fields_per_s", rates.median(1))
            .put("fields_onnxruntime_per_s", rates.median(2))
            .put("plain_wide_per_s", rates.median(3))
            .put("fields_zipf_per_s", rates.median(4))
            .put("fields_by_plain", rates.ratio(1, 0))
            .put("fields_by_plain_wide", rates.ratio(1, 3))
            .put("fields_zipf_by_plain", rates.ratio(4, 0))
            .put("fields_zipf_by_plain_wide", rates.ratio(4, 3))
            .put("fields_by_onnxruntime", rates.ratio(1, 2))
            .put("rounds", rates.rounds()));
    return String.format(
        Locale.ROOT,
        "%nfields: two embeddings and three numbers, GRU 64 (%s): %,.0f tokens/s;"
            + " plain %s %,.0f (%.2f); plain %s %,.0f (%.2f);"
            + " a hand-written ONNX Runtime operator %,.0f (%.1f);"
            + " merchants by Zipf's law %,.0f, of plain %.2f and %.2f; %d rounds%n",
        CASE,
        rates.median(1),
        PaymentModel.PLAIN.name(),
        rates.median(0),
        rates.ratio(1, 0),
        PaymentModel.SIZE.name(),
        rates.median(3),
        rates.ratio(1, 3),
        rates.median(2),
        rates.ratio(1, 2),
        rates.median(4),
        rates.ratio(4, 0),
        rates.ratio(4, 3),
        rates.rounds());
  }
}
