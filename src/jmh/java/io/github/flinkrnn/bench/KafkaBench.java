package io.github.flinkrnn.bench;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.NetworkSize;
import io.github.flinkrnn.network.OnnxRuntimeFunction;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.operator.IdentityFunction;
import io.github.flinkrnn.operator.StateBytes;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/**
 * From topic to topic on a broker in this process, with a complete job: with flink-rnn, with a
 * hand-written ONNX Runtime operator in place of the recurrence, and with a no-op operator.
 */
final class KafkaBench {
  /** The networks that can be measured, the default first. */
  static final List<NetworkSize> NETWORKS =
      Stream.of("LSTM 64/32", "LSTM 256/128").map(NetworkSize::named).toList();

  private static final long SEED = 20261123;
  private static final int KEYS = 10_000;

  /** A quick run does not begin a second round after this many seconds. */
  private static final double QUICK_SECONDS = 80;

  /** What runs between the topics. The rates have one column for each, in this order. */
  private enum Candidate {
    NOTHING,
    OURS,
    ONNXRUNTIME,
    WITH_DEAD_LETTERS,
    ONE_BY_ONE // ours, without batches
  }

  private static final List<String> WITHOUT_BATCHES = List.of("batch.size=1");

  private final NetworkSize size;
  private final boolean quick;
  private final PrintStream out;
  private int latencies;
  private final Progress progress;
  private final TokenJson json;

  KafkaBench(NetworkSize size, boolean quick, PrintStream out, Progress progress) {
    this.size = size;
    json = new TokenJson(KEYS, size.input());
    this.quick = quick;
    this.out = out;
    this.progress = progress;
  }

  Figures run() throws Exception {
    SeededNetwork network = new SeededNetwork(size, SEED);
    try (TemporaryFiles files = new TemporaryFiles();
        EmbeddedKafka kafka = EmbeddedKafka.start(files.create("kafka"));
        LocalFlink flink = new LocalFlink("hashmap", 1, files.create("flink"))) {
      Path model = files.write(network);
      Path onnx = Files.write(files.create("onnx").resolve("step.onnx"), network.onnx());
      TopicClients clients = new TopicClients(kafka.address());
      KafkaJob jobs = new KafkaJob(flink, model, kafka.address(), files);
      Rates rates = throughput(new TopicPass(clients, jobs, flink, "tokens", tokens()), onnx);
      double load = rates.median(1) / 2;
      DeliveryGuarantee once = DeliveryGuarantee.AT_LEAST_ONCE;
      Latencies latencies =
          new Latencies(
              load,
              latency(once, load, List.of(), clients, jobs, flink),
              latency(DeliveryGuarantee.EXACTLY_ONCE, load, List.of(), clients, jobs, flink),
              latency(once, load / 5, List.of(), clients, jobs, flink),
              latency(once, load / 5, WITHOUT_BATCHES, clients, jobs, flink));
      return report(RnnModel.load(model).kernel(), rates, latencies);
    }
  }

  private int tokens() {
    return quick ? 200_000 : 800_000;
  }

  private Rates throughput(TopicPass pass, Path onnx) throws Exception {
    progress.say("fills a topic with " + tokens() + " tokens");
    pass.fill(json);
    progress.say("warm-up");
    run(pass, "warm-up", Candidate.OURS, onnx);
    Candidate[] candidates = Candidate.values();
    Rates rates = new Rates(candidates.length);
    int rounds = quick ? 2 : 7;
    for (int round = 0; round < rounds; round++) {
      if (quick && round > 0 && progress.seconds() > QUICK_SECONDS) {
        break;
      }
      for (int turn = 0; turn < candidates.length; turn++) {
        int which = (round + turn) % candidates.length; // another candidate is first in each round
        String name = candidates[which].name().toLowerCase(Locale.ROOT).replace('_', '-');
        double rate = run(pass, name + "-" + round, candidates[which], onnx);
        rates.add(which, rate);
        progress.say(
            String.format(Locale.ROOT, "round %d, %s: %,.0f tokens/s", round + 1, name, rate));
      }
    }
    return rates;
  }

  private double run(TopicPass pass, String name, Candidate candidate, Path onnx) throws Exception {
    Optional<KeyedProcessFunction<String, Token, Prediction>> replacement =
        switch (candidate) {
          case NOTHING -> Optional.of(new IdentityFunction(size.stateSize(), NetworkSize.OUTPUTS));
          case ONNXRUNTIME -> Optional.of(new OnnxRuntimeFunction(size, onnx.toString()));
          default -> Optional.empty();
        };
    return pass.run(
        name,
        candidate == Candidate.WITH_DEAD_LETTERS,
        candidate == Candidate.ONE_BY_ONE ? WITHOUT_BATCHES : List.of(),
        replacement);
  }

  record Latency(double[] quantiles, LocalFlink.Checkpoint checkpoint) {}

  /**
   * The latencies.
   *
   * @param load tokens per second: half of the rate
   * @param low at a tenth of the rate, at least once
   * @param lowOneByOne the same without batches
   */
  record Latencies(
      double load, Latency atLeastOnce, Latency exactlyOnce, Latency low, Latency lowOneByOne) {}

  private Latency latency(
      DeliveryGuarantee delivery,
      double load,
      List<String> settings,
      TopicClients clients,
      KafkaJob jobs,
      LocalFlink flink)
      throws Exception {
    String guarantee = delivery.name().toLowerCase(Locale.ROOT).replace('_', '-');
    String name = guarantee + "-" + latencies++;
    progress.say(
        String.format(Locale.ROOT, "latency at %,.0f tokens/s, %s %s", load, guarantee, settings));
    String from = name + "-tokens";
    String to = name + "-predictions";
    clients.create(from);
    clients.create(to);
    JobID job =
        jobs.start(name, from, to, false, delivery, Optional.empty(), settings, Optional.empty());
    boolean committedOnly = delivery == DeliveryGuarantee.EXACTLY_ONCE;
    PacedLoad paced = new PacedLoad(clients, json, load, quick ? 5 : 10, quick ? 10 : 60);
    double[] millis = paced.run(job, flink, from, to, committedOnly);
    LocalFlink.Checkpoint checkpoint = flink.latestCheckpoint(job);
    flink.cancel(job);
    return new Latency(PacedLoad.quantiles(millis), checkpoint);
  }

  private Figures report(String kernel, Rates rates, Latencies latency) throws Exception {
    LocalFlink.Checkpoint checkpoint = latency.exactlyOnce().checkpoint();
    int stateBytes = StateBytes.of(size.stateSize());
    Figures figures = new Figures();
    figures.add(row(size.name(), rates, latency, stateBytes));
    out.println(Circumstances.header("kafka", quick, kernel));
    out.println(
        new Table(size.name() + ", exactly once", "tokens/s", "ours by it, median of rounds")
            .row("no-op operator", rate(rates, 0), Table.number("%.2f", rates.ratio(1, 0)))
            .row("ours", rate(rates, 1), "1.00")
            .row(
                "hand-written ONNX Runtime",
                rate(rates, 2),
                Table.number("%.2f", rates.ratio(1, 2)))
            .row("ours, with dead_letters", rate(rates, 3), Table.number("%.2f", rates.ratio(1, 3)))
            .row("ours, without batches", rate(rates, 4), Table.number("%.2f", rates.ratio(1, 4))));
    out.println(
        new Table(
                String.format(Locale.ROOT, "latency at %,.0f tokens/s", latency.load()),
                "p50 ms",
                "p99 ms",
                "p99.9 ms")
            .row(row("at least once", latency.atLeastOnce()))
            .row(row("exactly once, read committed", latency.exactlyOnce()))
            .row(row("at least once, at a fifth of that", latency.low()))
            .row(row("the same without batches", latency.lowOneByOne())));
    out.printf(
        Locale.ROOT,
        "%d bytes of state a key; a checkpoint of %,d keys: %.1f MB in %d ms%n",
        stateBytes,
        KEYS,
        checkpoint.bytes() / 1e6,
        checkpoint.millis());
    return figures;
  }

  private static String rate(Rates rates, int candidate) {
    return Table.number("%,.0f", rates.median(candidate));
  }

  private static String[] row(String name, Latency latency) {
    double[] quantiles = latency.quantiles();
    return new String[] {
      name,
      Table.number("%.1f", quantiles[0]),
      Table.number("%.1f", quantiles[1]),
      Table.number("%.1f", quantiles[2])
    };
  }

  /**
   * @param rates the rates of each candidate
   */
  static Figures.Row row(String name, Rates rates, Latencies latency, int stateBytes) {
    return new Figures.Row(name)
        .put("ours_per_s", rates.median(1))
        .put("onnxruntime_per_s", rates.median(2))
        .put("identity_per_s", rates.median(0))
        .put("p50_ms", latency.atLeastOnce().quantiles()[0])
        .put("p99_ms", latency.atLeastOnce().quantiles()[1])
        .put("p999_ms", latency.atLeastOnce().quantiles()[2])
        .put("exactly_once_p50_ms", latency.exactlyOnce().quantiles()[0])
        .put("exactly_once_p99_ms", latency.exactlyOnce().quantiles()[1])
        .put("exactly_once_p999_ms", latency.exactlyOnce().quantiles()[2])
        .put("load_per_s", latency.load())
        .put("low_load_p99_ms", latency.low().quantiles()[1])
        .put("low_load_one_by_one_p99_ms", latency.lowOneByOne().quantiles()[1])
        .put("ours_by_onnxruntime", rates.ratio(1, 2))
        .put("ours_by_identity", rates.ratio(1, 0))
        .put("with_dead_letters_per_s", rates.median(3))
        .put("with_dead_letters_by_ours", rates.ratio(3, 1))
        .put("one_by_one_per_s", rates.median(4))
        .put("ours_by_one_by_one", rates.ratio(1, 4))
        .put("rounds", rates.rounds())
        .put("keys", KEYS)
        .put("state_bytes_a_key", stateBytes)
        .put("checkpoint_bytes", latency.exactlyOnce().checkpoint().bytes())
        .put("checkpoint_ms", latency.exactlyOnce().checkpoint().millis());
  }
}
