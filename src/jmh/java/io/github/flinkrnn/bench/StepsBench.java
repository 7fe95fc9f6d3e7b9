package io.github.flinkrnn.bench;

import io.github.flinkrnn.machine.Machine;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Agreement;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxSession;
import io.github.flinkrnn.network.OnnxStep;
import io.github.flinkrnn.network.OurStep;
import io.github.flinkrnn.network.SeededNetwork;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One step of each network with flink-rnn and with ONNX Runtime, on one thread, one after the other
 * in many rounds. Their results are compared before anything is timed.
 */
final class StepsBench {
  private static final long SEED = 20261123;
  private static final int TOKENS = 64;

  /**
   * With fewer bytes of weights than this, the caches hold them, and memory is not the limit of a
   * step.
   */
  private static final long MEMORY_BOUND = 16_000_000;

  private final boolean quick;
  private final PrintStream out;
  private final Progress progress;
  private final Figures figures = new Figures();
  private final Table table =
      new Table(
          "step",
          "ours ns",
          "ONNX Runtime ns",
          "ratio",
          "of 80 % of rounds",
          "multiply-adds",
          "of fma peak",
          "4 keys ns",
          "32 keys ns",
          "1 by 32",
          "32 of fma peak",
          "of read bandwidth");

  /** The networks that are also measured with weights of BF16. */
  private static final Set<String> NARROW =
      Set.of("LSTM 64/32", "LSTM 512/256 two layers", "LSTM 1024/512");

  private final Table narrowTable =
      new Table(
          "step, ns a key",
          "F32, 1 key",
          "BF16, 1 key",
          "ratio",
          "F32, 32 keys",
          "BF16, 32 keys",
          "ratio");

  StepsBench(boolean quick, PrintStream out, Progress progress) {
    this.quick = quick;
    this.out = out;
    this.progress = progress;
  }

  Figures run() throws Exception {
    progress.say("what this core can do at most");
    Optional<Machine> machine = Machine.measure();
    String kernel = "";
    try (TemporaryFiles files = new TemporaryFiles()) {
      for (NetworkSize size : NetworkSize.ALL) {
        progress.say(size.name());
        SeededNetwork network = new SeededNetwork(size, SEED);
        RnnModel model = RnnModel.load(files.write(network));
        kernel = model.kernel();
        try (OnnxSession session = new OnnxSession(size, network.onnx())) {
          Figures.Row row = measure(size, model, session, machine);
          if (NARROW.contains(size.name())) {
            RnnModel narrow = RnnModel.load(files.writeNarrow(network));
            measureNarrow(size, model, narrow, row);
          }
        }
      }
    }
    out.println(Circumstances.header("steps", quick, kernel));
    out.println(
        machine.map(Machine::describe).orElse("no yardsticks without jdk.incubator.vector"));
    out.println();
    out.print(table);
    out.println();
    out.print(narrowTable);
    return figures;
  }

  private void measureNarrow(NetworkSize size, RnnModel model, RnnModel narrow, Figures.Row row) {
    float[][] tokens = SeededNetwork.features(TOKENS, size.input(), SEED + 1);
    NarrowRounds rounds = NarrowRounds.of(model, narrow, tokens, quick);
    row.put("f32_ns", rounds.ofFloats())
        .put("bf16_ns", rounds.ofNarrow())
        .put("f32_by_bf16", rounds.gain());
    narrowTable.row(
        size.name(),
        Table.number("%,.0f", rounds.ofFloats().get("1")),
        Table.number("%,.0f", rounds.ofNarrow().get("1")),
        Table.number("%.2f", rounds.gain().get("1")),
        Table.number("%,.0f", rounds.ofFloats().get("32")),
        Table.number("%,.0f", rounds.ofNarrow().get("32")),
        Table.number("%.2f", rounds.gain().get("32")));
  }

  private Figures.Row measure(
      NetworkSize size, RnnModel model, OnnxSession session, Optional<Machine> machine) {
    float[][] tokens = SeededNetwork.features(TOKENS, size.input(), SEED + 1);
    OurStep ours = new OurStep(model);
    OnnxStep theirs = new OnnxStep(session, size);
    double difference = Agreement.check(size.name(), ours, theirs, tokens);
    StepRounds rounds = StepRounds.of(ours, theirs, tokens, quick);
    BatchRounds batches = BatchRounds.of(model, tokens, quick);
    double nanosOfMany = batches.medians().get("32");
    double peakOfMany =
        machine
            .map(m -> model.multiplyAdds() / nanosOfMany * 1e9 / m.multiplyAdds())
            .orElse(Double.NaN);
    long macs = model.multiplyAdds();
    double weightBytes = (double) Float.BYTES * model.parameters();
    double nanos = rounds.ourNanos();
    double peak = machine.map(m -> macs / nanos * 1e9 / m.multiplyAdds()).orElse(Double.NaN);
    double read =
        weightBytes < MEMORY_BOUND
            ? Double.NaN
            : machine.map(m -> weightBytes / nanos * 1e9 / m.readBytes()).orElse(Double.NaN);
    Figures.Row row = row(size.name(), rounds, batches, macs, peak, peakOfMany, read, difference);
    figures.add(row);
    table.row(
        size.name(),
        Table.number("%,.0f", rounds.ourNanos()),
        Table.number("%,.0f", rounds.theirNanos()),
        Table.number("%.2f", rounds.ratio(0.5)),
        Table.number("%.2f", rounds.ratio(0.1)) + " – " + Table.number("%.2f", rounds.ratio(0.9)),
        String.format(Locale.ROOT, "%,d", macs),
        Table.number("%.0f %%", 100 * peak),
        Table.number("%,.0f", batches.medians().get("4")),
        Table.number("%,.0f", nanosOfMany),
        Table.number("%.2f", batches.gain()),
        Table.number("%.0f %%", 100 * peakOfMany),
        Table.number("%.0f %%", 100 * read));
    return row;
  }

  static Figures.Row row(
      String name,
      StepRounds rounds,
      BatchRounds batches,
      long macs,
      double peak,
      double peakOfMany,
      double read,
      double difference) {
    return new Figures.Row(name)
        .put("ours_ns", rounds.ourNanos())
        .put("onnxruntime_ns", rounds.theirNanos())
        .put("ratio", rounds.ratio(0.5))
        .put("macs", macs)
        .put("fma_peak_fraction", peak)
        .put("batch_ns", batches.medians())
        .put("one_by_batch_of_32", batches.gain())
        .put("batch_fma_peak_fraction", peakOfMany)
        .put("read_bandwidth_fraction", read)
        .put("ratio_p10", rounds.ratio(0.1))
        .put("ratio_p90", rounds.ratio(0.9))
        .put("largest_difference", difference)
        .put("rounds", rounds.count());
  }
}
