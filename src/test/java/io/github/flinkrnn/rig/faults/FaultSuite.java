package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.job.LookAheadReference;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rig.cluster.Cluster;
import io.github.flinkrnn.rig.cluster.ClusterSize;
import io.github.flinkrnn.rig.cluster.Jdks;
import io.github.flinkrnn.rig.cluster.KafkaServer.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the cluster, the job and the load, and injects one fault after another. */
final class FaultSuite {
  /**
   * The feature version of the JDK to which the processes are moved, and from which they return.
   */
  static final int OTHER_JDK = 25;

  /** The number of sequences of the load. */
  static final int KEYS = 1000;

  private static final Path MODEL = Path.of("jobs/name-tagging/model");
  private static final Path LOOK_AHEAD_MODEL = Path.of("jobs/name-tagging/model-look-ahead");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration DEAD_LETTERS = Duration.ofSeconds(20);
  private static final int MOST_PAUSE_MILLIS = 3000;
  private static final int PARALLELISM = 2;
  static final String NAME = "faults";
  private static final Logger LOG = LoggerFactory.getLogger(FaultSuite.class);

  /**
   * The options of a run.
   *
   * @param kinds the faults to choose from
   * @param faults how many
   * @param perSecond tokens per second
   * @param lookAhead how many tokens a bidirectional model looks ahead, with provisional
   *     predictions; -1 for a model that reads from left to right
   * @param settings options of the job, each as {@code FIELD=VALUE}
   * @param directory an existing directory for all files of the run
   * @param disk a file system that only contains the checkpoints
   * @param otherJar a job jar of an earlier version
   */
  record Options(
      List<Fault> kinds,
      int faults,
      long seed,
      double perSecond,
      int lookAhead,
      List<String> settings,
      Path directory,
      Optional<Path> disk,
      Optional<Path> otherJar) {}

  private final Options options;
  private final PrintStream out;
  private final List<FaultRow> rows = new ArrayList<>();
  private Counts before = Counts.NONE;
  private long tokens;
  private int injected;

  /**
   * @param out receives the table, line by line as the run proceeds
   */
  FaultSuite(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * The number of faults that took effect. The table names those that this machine cannot inject.
   */
  int injected() {
    return injected;
  }

  /** The number of tokens that were sent. */
  long tokens() {
    return tokens;
  }

  /**
   * Starts a cluster, and runs to the end or to the first fault from which the job does not
   * recover.
   *
   * @return a row for each fault, and two for the end
   */
  List<FaultRow> run() throws IOException, InterruptedException {
    try (Cluster cluster = startCluster()) {
      return run(cluster);
    }
  }

  Cluster startCluster() throws IOException, InterruptedException {
    return Cluster.start(options.directory(), checkpoints(), ClusterSize.SMALL, Version.BEFORE);
  }

  private Path checkpoints() {
    return options.disk().orElse(options.directory()).resolve("checkpoints");
  }

  /**
   * The same on a cluster from {@link #startCluster}. The job {@link #NAME} keeps running after it.
   */
  List<FaultRow> run(Cluster cluster) throws IOException, InterruptedException {
    boolean looksAhead = options.lookAhead() >= 0;
    Path given = looksAhead ? LOOK_AHEAD_MODEL : MODEL;
    Path model = copy(given, options.directory().resolve("model"));
    Topics topics = new Topics(cluster.kafka().address());
    cluster
        .kafka()
        .createTopics(Topics.PARTITIONS, Topics.TOKENS, Topics.PREDICTIONS, Topics.REJECTED);
    RunningJob job =
        new RunningJob(
            cluster.flink(),
            writeJob(topics, model),
            options.settings(),
            NAME,
            cluster.logs(),
            PARALLELISM);
    Thread hook = new Thread(job::kill);
    Runtime.getRuntime().addShutdownHook(hook);
    job.submit(Optional.empty());
    Ledger ledger = new Ledger();
    try (RnnModel read = RnnModel.load(given);
        Load load =
            new Load(
                topics,
                ledger,
                looksAhead
                    ? new LookAheadReference(read, options.lookAhead())::of
                    : new Reference(read),
                options.seed(),
                KEYS,
                options.perSecond());
        PredictionReader reader = new PredictionReader(topics, ledger);
        DeadLetters deadLetters = new DeadLetters(topics)) {
      Scene scene =
          new Scene(
              cluster,
              job,
              load,
              ledger,
              deadLetters,
              new SaidLosses(cluster.logs(), cluster.kafka().log()),
              model,
              new Random(options.seed()),
              checkpoints(),
              options.disk(),
              Jdks.find(OTHER_JDK),
              options.otherJar());
      load.start();
      reader.start();
      injectAll(scene, reader);
      tokens = load.sent();
      for (String end : cluster.flink().endedUnasked()) {
        out.println("ended unasked, and was started again: " + end);
      }
    } finally {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    return rows;
  }

  private void injectAll(Scene scene, PredictionReader reader)
      throws IOException, InterruptedException {
    List<Fault> possible = new ArrayList<>();
    out.print(FaultRow.header());
    for (Fault fault : options.kinds()) {
      Optional<String> hindrance = fault.hindrance(scene);
      if (hindrance.isPresent()) {
        out.printf("%-28s not run: %s%n", fault.name(), hindrance.get());
      } else {
        possible.add(fault);
      }
    }
    if (possible.isEmpty()) {
      return;
    }
    for (Fault fault : FaultPlan.of(possible, options.faults(), scene.random())) {
      Scene.pause(Duration.ofMillis(scene.random().nextInt(MOST_PAUSE_MILLIS)));
      if (!inject(fault, scene, reader)) {
        out.println("the job did not recover within " + PATIENCE.toSeconds() + " s");
        return;
      }
    }
    scene.load().stop();
    long begin = System.nanoTime();
    long left = scene.ledger().await(scene.ledger().mark(), PATIENCE);
    add("after all", begin, left, counts(scene).minus(before));
    if (left == 0) {
      begin = System.nanoTime();
      add("after all, read again", begin, 0, reader.readAgain());
    }
  }

  private boolean inject(Fault fault, Scene scene, PredictionReader reader)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    String did;
    try {
      did = fault.inject(scene);
      injected++;
    } catch (IOException e) {
      // This shows nothing about recovery, but the job must still be healthy.
      LOG.warn("{} did not take effect", fault.name(), e);
      did = fault.name() + " (no effect)";
      String line = e.getMessage().replaceFirst("(?s)\\R.*", "");
      out.println(fault.name() + " did not take effect: " + line);
    }
    long left = scene.ledger().await(scene.ledger().mark(), PATIENCE);
    Counts after = counts(scene);
    add(did, begin, left, after.minus(before));
    before = after;
    scene.load().check();
    reader.check();
    return left == 0;
  }

  private static Counts counts(Scene scene) throws IOException {
    Counts inVain = new Counts(0, 0, scene.saidLosses().excuse(scene.ledger()), 0, 0, 0);
    return scene.ledger().counts().plus(scene.deadLetters().read(DEAD_LETTERS)).plus(inVain);
  }

  private void add(String fault, long begin, long left, Counts counts) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    FaultRow row = new FaultRow(fault, seconds, counts.plus(new Counts(left, 0, 0, 0)));
    rows.add(row);
    out.print(row.line());
  }

  /** The job file that {@link #run(Cluster)} writes. */
  Path jobFile() {
    return options.directory().resolve("job.yaml");
  }

  private Path writeJob(Topics topics, Path model) throws IOException {
    String server = "properties: {bootstrap.servers: \"" + topics.servers() + "\"";
    String end = server + "}}\n";
    String limited = server + ", max.request.size: " + LargePrediction.MAX_REQUEST + "}}\n";
    return Files.writeString(
        jobFile(),
        ("name: " + NAME + "\n")
            + ("model: " + model + "\n")
            + ("source: {type: kafka, topic: " + Topics.TOKENS + ", " + end)
            + ("sink: {type: kafka, topic: " + Topics.PREDICTIONS + ", " + limited)
            + ("dead_letters: {type: kafka, topic: " + Topics.REJECTED + ", " + end)
            + "sequence: {idle_timeout: 1h, idle_time: event"
            + (options.lookAhead() < 0 ? "" : ", look_ahead: " + options.lookAhead())
            + "}\n"
            + "output: {fields: [token, label, prediction, seq]"
            + (options.lookAhead() < 0 ? "" : ", provisional: true")
            + "}\n"
            + "flink: {execution.checkpointing.interval: 1s}\n");
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to.toRealPath();
  }
}
