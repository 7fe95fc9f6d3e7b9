package io.github.flinkrnn.bench;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.operator.StateBytes;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Tokens per second of a bidirectional LSTM that looks some tokens ahead, beside the LSTM that
 * reads from left to right, both with batches.
 */
final class LookAheadBench {
  private static final long SEED = 20261127;
  private static final NetworkSize SIZE = NetworkSize.named("LSTM 64/32");
  private static final int[] LOOKS = {0, 2, 8};
  private static final List<String> BACKENDS = List.of("hashmap", "rocksdb");

  private final boolean quick;
  private final Progress progress;

  LookAheadBench(boolean quick, Progress progress) {
    this.quick = quick;
    this.progress = progress;
  }

  /** Measures in turns, and adds a row a state backend to the figures and lines to the output. */
  String run(Figures figures, TemporaryFiles files) throws Exception {
    SeededNetwork network = new SeededNetwork(SIZE, SEED);
    Path both = network.writeBidirectional(files.create("both"));
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(Candidate.ours(files.write(network)));
    for (int look : LOOKS) {
      candidates.add(ahead(both, look, false));
    }
    candidates.add(ahead(both, 2, true));
    StringBuilder lines = new StringBuilder();
    for (String backend : quick ? List.of(BACKENDS.get(0)) : BACKENDS) {
      lines.append(run(backend, both, candidates, figures, files));
    }
    return lines.toString();
  }

  private static Candidate ahead(Path model, int look, boolean provisional) {
    OutputOptions output = OutputOptions.DEFAULT.withFields(List.of(OutputField.PREDICTION));
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(model.toUri().toString())
            .with(SequenceOptions.DEFAULT.withLookAhead(look))
            .with(provisional ? output.withProvisional() : output);
    return new Candidate("look_ahead " + look, function::applyTo);
  }

  private String run(
      String backend, Path both, List<Candidate> candidates, Figures figures, TemporaryFiles files)
      throws Exception {
    OperatorCase where = new OperatorCase(SIZE, backend, 1, 10_000, false, 5);
    Rates rates = new Rates(candidates.size());
    int rounds = quick ? 1 : where.rounds();
    try (LocalFlink flink = new LocalFlink(backend, where.slots(), files.create("flink"))) {
      OperatorRun run = new OperatorRun(flink, where, SIZE.input(), quick);
      for (int round = quick ? 0 : -1; round < rounds; round++) { // before round 0, a warm-up
        for (int turn = 0; turn < candidates.size(); turn++) {
          int which = (round + 1 + turn) % candidates.size();
          String name = "look-ahead-" + backend + "-" + round + "-" + which;
          double rate = run.of(candidates.get(which), name, false).perSecond();
          boolean isTwice = which == candidates.size() - 1; // two predictions a token
          if (round >= 0) {
            rates.add(which, isTwice ? rate / 2 : rate);
          }
          progress.say(String.format(Locale.ROOT, "%s: %,.0f predictions/s", name, rate));
        }
      }
    }
    Figures.Row row = new Figures.Row("look ahead, " + SIZE.name()).put("backend", backend);
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%nlook ahead: %s: left to right %,.0f tokens/s, %d B a key",
            where,
            rates.median(0),
            StateBytes.of(SIZE.stateSize())));
    row.put("one_way_per_s", rates.median(0));
    try (RnnModel model = RnnModel.load(both)) {
      for (int i = 0; i < LOOKS.length; i++) {
        int bytes = bytes(model, LOOKS[i]);
        line.append(
            String.format(
                Locale.ROOT,
                "; k = %d %,.0f (%.2f), %d B and %d tokens",
                LOOKS[i],
                rates.median(i + 1),
                rates.ratio(i + 1, 0),
                bytes,
                LOOKS[i]));
        row.put("look_" + LOOKS[i] + "_per_s", rates.median(i + 1))
            .put("look_" + LOOKS[i] + "_by_one_way", rates.ratio(i + 1, 0))
            .put("look_" + LOOKS[i] + "_bytes", bytes);
      }
    }
    int last = LOOKS.length + 1;
    line.append(
        String.format(
            Locale.ROOT,
            "; k = 2, provisional %,.0f (%.2f); %d rounds%n",
            rates.median(last),
            rates.ratio(last, 0),
            rates.rounds()));
    figures.add(
        row.put("look_2_provisional_per_s", rates.median(last))
            .put("look_2_provisional_by_one_way", rates.ratio(last, 0))
            .put("rounds", rates.rounds()));
    return line.toString();
  }

  /** The bytes of the floats that a key keeps, without the tokens that wait. */
  private static int bytes(RnnModel model, int look) throws IOException {
    try (LookAheadStepper stepper = model.lookAhead(look, 1)) {
      return StateBytes.of(stepper.mostKept());
    }
  }
}
