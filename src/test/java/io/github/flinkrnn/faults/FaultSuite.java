package io.github.flinkrnn.faults;

import io.github.flinkrnn.cluster.Cluster;
import io.github.flinkrnn.cluster.Jdks;
import io.github.flinkrnn.model.RnnModel;
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

/** Starts the cluster, the job and the load, and strikes again and again. */
final class FaultSuite {
  /** The feature version of the JDK that the processes are moved to and back from. */
  static final int OTHER_JDK = 25;

  /** Sequences of the load. */
  static final int KEYS = 1000;

  private static final Path MODEL = Path.of("jobs/name-tagging/model");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration DEAD_LETTERS = Duration.ofSeconds(20);
  private static final int MOST_PAUSE_MILLIS = 3000;
  private static final int PARALLELISM = 2;
  private static final String NAME = "faults";
  private static final Logger LOG = LoggerFactory.getLogger(FaultSuite.class);

  /**
   * What a run is to be.
   *
   * @param kinds the faults to choose from
   * @param faults how many
   * @param perSecond tokens
   * @param directory an existing one, for all that the run writes
   * @param disk a file system that is the checkpoints' own
   * @param otherJar a job jar of an earlier version
   */
  record Options(
      List<Fault> kinds,
      int faults,
      long seed,
      double perSecond,
      Path directory,
      Optional<Path> disk,
      Optional<Path> otherJar) {}

  private final Options options;
  private final PrintStream out;
  private final List<FaultRow> rows = new ArrayList<>();
  private Counts before = Counts.NONE;
  private long tokens;
  private int blows;

  /**
   * @param out gets the table, a line as it comes about
   */
  FaultSuite(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Faults that struck; those that could not are in the table, with the reason. */
  int blows() {
    return blows;
  }

  /** Tokens that were sent. */
  long tokens() {
    return tokens;
  }

  /**
   * Runs to the end, or to the first fault that the job does not recover from.
   *
   * @return a row a fault, and one for a reading of all predictions at the end
   */
  List<FaultRow> run() throws IOException, InterruptedException {
    Path directory = options.directory();
    Path model = copy(MODEL, directory.resolve("model"));
    Path checkpoints = options.disk().orElse(directory).resolve("checkpoints");
    try (Cluster cluster = Cluster.start(directory, checkpoints)) {
      Topics topics = new Topics(cluster.kafka().address());
      cluster
          .kafka()
          .createTopics(Topics.PARTITIONS, Topics.TOKENS, Topics.PREDICTIONS, Topics.REJECTED);
      RunningJob job =
          new RunningJob(
              cluster.flink(), writeJob(topics, model), NAME, cluster.logs(), PARALLELISM);
      Thread hook = new Thread(job::kill);
      Runtime.getRuntime().addShutdownHook(hook);
      job.submit(Optional.empty());
      Ledger ledger = new Ledger();
      RnnModel reference = RnnModel.load(MODEL);
      try (Load load =
              new Load(topics, ledger, reference, options.seed(), KEYS, options.perSecond());
          PredictionReader reader = new PredictionReader(topics, ledger);
          DeadLetters deadLetters = new DeadLetters(topics)) {
        Scene scene =
            new Scene(
                cluster,
                job,
                load,
                ledger,
                deadLetters,
                model,
                new Random(options.seed()),
                options.disk(),
                Jdks.find(OTHER_JDK),
                options.otherJar());
        load.start();
        reader.start();
        strikeAll(scene, reader);
        tokens = load.sent();
        for (String end : cluster.flink().endedUnasked()) {
          out.println("ended unasked, and was started again: " + end);
        }
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    return rows;
  }

  private void strikeAll(Scene scene, PredictionReader reader)
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
      if (!strike(fault, scene, reader)) {
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

  private boolean strike(Fault fault, Scene scene, PredictionReader reader)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    String did;
    try {
      did = fault.strike(scene);
      blows++;
    } catch (IOException e) {
      // Not a blow that was survived; whether the job is as well as before is worth a look.
      LOG.warn("{} was no blow", fault.name(), e);
      did = fault.name() + " (no blow)";
      String line = e.getMessage().replaceFirst("(?s)\\R.*", "");
      out.println(fault.name() + " was no blow: " + line);
    }
    long left = scene.ledger().await(scene.ledger().mark(), PATIENCE);
    Counts after = counts(scene);
    add(did, begin, left, after.minus(before));
    before = after;
    scene.load().check();
    reader.check();
    return left == 0;
  }

  private static Counts counts(Scene scene) {
    return scene.ledger().counts().plus(scene.deadLetters().read(DEAD_LETTERS));
  }

  private void add(String fault, long begin, long left, Counts counts) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    FaultRow row = new FaultRow(fault, seconds, counts.plus(new Counts(left, 0, 0, 0)));
    rows.add(row);
    out.print(row.line());
  }

  private Path writeJob(Topics topics, Path model) throws IOException {
    String server = "properties: {bootstrap.servers: \"" + topics.servers() + "\"";
    String end = server + "}}\n";
    String limited = server + ", max.request.size: " + LargePrediction.MAX_REQUEST + "}}\n";
    return Files.writeString(
        options.directory().resolve("job.yaml"),
        ("name: " + NAME + "\n")
            + ("model: " + model + "\n")
            + ("source: {type: kafka, topic: " + Topics.TOKENS + ", " + end)
            + ("sink: {type: kafka, topic: " + Topics.PREDICTIONS + ", " + limited)
            + ("dead_letters: {type: kafka, topic: " + Topics.REJECTED + ", " + end)
            + "sequence: {idle_timeout: 1h, idle_time: event}\n"
            + "output: {fields: [token, label, prediction, seq]}\n"
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
