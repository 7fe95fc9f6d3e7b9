package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rig.cluster.Cluster;
import io.github.flinkrnn.rig.cluster.ClusterSize;
import io.github.flinkrnn.rig.faults.Counts;
import io.github.flinkrnn.rig.faults.RunningJob;
import io.github.flinkrnn.rig.faults.Topics;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Starts the cluster, the job and the load, measures until all tokens are taken, and judges. */
final class SoakRun {
  /** The memory of a TaskManager, in bytes and as the Flink option. */
  static final long MEMORY = 2L << 30;

  private static final String MEMORY_OPTION = "2g";

  /**
   * The bytes per key in a checkpoint, from the sizing table: LSTM 128 on rocksdb with an idle
   * timeout.
   */
  static final double PREDICTED_STATE = 1074;

  private static final int PARALLELISM = 2;
  private static final int COMPARED = 1000;
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final SoakOptions options;
  private final SoakTokens tokens;
  private final Path directory;
  private final PrintStream out;
  private final Progress progress = new Progress();
  private final Yardstick yardstick = new Yardstick();
  private final List<Tenth> tenths = new ArrayList<>();
  private double cpuBefore;
  private long takenBefore;
  private CacheUse cacheBefore = CacheUse.NONE;

  /**
   * @param directory an existing directory for all files of the run
   * @param out receives the table, line by line as the run proceeds
   */
  SoakRun(SoakOptions options, Path directory, PrintStream out) {
    this.options = options;
    this.tokens = new SoakTokens(options.seed(), options.keys(), SoakModel.WORDS);
    this.directory = directory;
    this.out = out;
  }

  /** Runs to the end. */
  SoakReport run() throws IOException, InterruptedException {
    Path model = SoakModel.write(directory.resolve("model"), options.seed());
    // Progress is read from metrics. By default they are up to ten seconds old, which is too
    // inaccurate.
    ClusterSize size =
        new ClusterSize(
            1,
            Map.of(
                "taskmanager.memory.process.size",
                MEMORY_OPTION,
                "metrics.fetcher.update-interval",
                "200",
                // Nothing should die here, and an overloaded machine must not look as if something
                // had died.
                "heartbeat.timeout",
                "60s",
                "high-availability.zookeeper.client.session-timeout",
                "60s"));
    try (Cluster cluster = Cluster.start(directory, directory.resolve("checkpoints"), size);
        RnnModel reference = RnnModel.load(model)) {
      Topics topics = new Topics(cluster.kafka().address());
      cluster
          .kafka()
          .createTopics(Topics.PARTITIONS, Topics.TOKENS, Topics.PREDICTIONS, Topics.REJECTED);
      Predictions predictions =
          new Predictions(tokens, options.order(), options.tokens(), reference, COMPARED);
      RunningJob job =
          new RunningJob(
              cluster.flink(),
              SoakJob.write(directory, options, topics.servers(), model),
              options.settings(),
              SoakJob.NAME,
              cluster.logs(),
              PARALLELISM);
      Thread hook = new Thread(job::kill);
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        job.submit(Optional.empty());
        return judge(cluster, topics, job, predictions);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private SoakReport judge(Cluster cluster, Topics topics, RunningJob job, Predictions predictions)
      throws IOException, InterruptedException {
    JobProbe probe = new JobProbe(cluster.flink()::get, job.id());
    ProcessProbe process =
        new ProcessProbe(cluster.flink().taskManager(0).pid(), cluster.flink().jdk());
    long begin = System.nanoTime();
    while (!job.runs()) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IOException("the job does not run after " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
    probe.look();
    long failedBefore = probe.failedCheckpoints(); // triggered while tasks were starting
    out.print(Tenth.header());
    try (TokenSender sender = new TokenSender(topics, options, tokens)) {
      sender.start();
      watch(sender, probe, process);
      sender.check();
    }
    probe.look();
    String savepoint = job.stop();
    long peak = process.peakMemory();
    if (!cluster.flink().endedUnasked().isEmpty()) {
      throw new IOException("ended unasked: " + cluster.flink().endedUnasked());
    }
    Counts counts = predictions.read(topics);
    List<Verdict> verdicts =
        List.of(
            Verdict.throughput(tenths, Verdict.firstAfterWarmUp(options.tokens(), options.keys())),
            Verdict.heap(tenths),
            Verdict.memory(peak, MEMORY),
            Verdict.state(bytes(savepoint), predictions.keys(), PREDICTED_STATE),
            Verdict.checkpoints(
                probe.checkpoints(),
                progress.millis(options.keys()),
                probe.failedCheckpoints() - failedBefore),
            Verdict.predictions(counts, options.tokens(), predictions.compared()));
    return new SoakReport(options, List.copyOf(tenths), probe.checkpoints(), verdicts);
  }

  private void watch(TokenSender sender, JobProbe probe, ProcessProbe process)
      throws IOException, InterruptedException {
    long taken = 0;
    cpuBefore = process.cpuSeconds();
    long lastMove = System.nanoTime();
    progress.add(System.currentTimeMillis(), 0);
    while (taken < options.tokens()) {
      LockSupport.parkNanos(LOOK.toNanos());
      if (Thread.interrupted()) {
        throw new InterruptedException("while the job ran");
      }
      sender.check();
      JobProbe.Steps steps = probe.steps();
      long now = steps.count();
      progress.add(System.currentTimeMillis(), now);
      probe.look();
      yardstick.measure();
      if (now > taken) {
        lastMove = System.nanoTime();
      } else if (System.nanoTime() - lastMove > PATIENCE.toNanos()) {
        throw new IOException("no token was taken for " + PATIENCE.toSeconds() + " s");
      }
      taken = now;
      sender.taken(taken);
      while (tenths.size() < Tenth.COUNT && taken >= end(tenths.size() + 1)) {
        addTenth(probe, process, steps);
      }
    }
  }

  // If one measurement ended two tenths, the second has the yardstick of the first.
  private double tenthsYardstick() {
    return yardstick.isEmpty() ? tenths.get(tenths.size() - 1).yardstick() : yardstick.median();
  }

  private double end(int tenth) {
    return (double) options.tokens() * tenth / Tenth.COUNT;
  }

  private void addTenth(JobProbe probe, ProcessProbe process, JobProbe.Steps steps)
      throws IOException, InterruptedException {
    int number = tenths.size() + 1;
    long taken = steps.count();
    List<Checkpoint> checkpoints = probe.checkpoints();
    // For the first tenth, from its first token on, because the job was starting before it.
    double rate = progress.perSecond(Math.max(1, end(number - 1)), end(number));
    long memory = process.memory();
    // If one measurement ended two tenths, both have the value of the two together.
    double cpuMicros =
        taken > takenBefore
            ? (process.cpuSeconds() - cpuBefore) / (taken - takenBefore) * 1e6
            : tenths.get(tenths.size() - 1).cpuMicros();
    Optional<CacheUse> cache =
        taken > takenBefore
            ? steps.cache().map(use -> use.since(cacheBefore))
            : tenths.get(tenths.size() - 1).cache();
    Tenth tenth =
        new Tenth(
            number,
            rate,
            cpuMicros,
            tenthsYardstick(),
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
            process.liveHeap(),
            memory,
            probe.files().orElse(0),
            cache,
            checkpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(checkpoints.get(checkpoints.size() - 1)));
    tenths.add(tenth);
    cpuBefore = process.cpuSeconds(); // without the collection that liveHeap requested
    takenBefore = taken;
    cacheBefore = steps.cache().orElse(cacheBefore);
    out.print(tenth.line());
  }

  /** The size of all files of a savepoint. */
  private static long bytes(String savepoint) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(URI.create(savepoint)))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
