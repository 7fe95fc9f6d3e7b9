package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.operator.JobCounts;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;

/**
 * Runs a job as in production, but on a Kafka broker and a Flink in this process: sends the sample
 * to the source topic, and prints the records that the job commits to its other topics. Ends with
 * the sample.
 */
final class EmbeddedRun {
  private static final Duration WAIT = Duration.ofMillis(100);

  private final JobFile job;
  private final Path sample;
  private final TemporaryDirectory directory;
  private final boolean ui;
  private final Console console;

  /**
   * @param job with a topic as its source
   * @param sample the file of that topic's records, one per line
   */
  EmbeddedRun(JobFile job, Path sample, TemporaryDirectory directory, boolean ui, Console console) {
    this.job = job;
    this.sample = sample;
    this.directory = directory;
    this.ui = ui;
    this.console = console;
  }

  void run() throws Exception {
    ModelLines.say(console, job, JobValidator.validateWithoutTopics(job));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
      JobFile here = at(kafka.address());
      Set<String> topics = new LinkedHashSet<>(((SourceSpec.Kafka) here.source()).names());
      String topic = topics.iterator().next();
      topics.addAll(topics());
      kafka.createTopics(1, topics.toArray(String[]::new));
      console.say(
          "broker",
          "Kafka at " + kafka.address() + " in this process (use --brokers for your own)");
      console.say(
          "sample", Sample.send(sample, topic, servers(kafka.address())) + " lines of " + sample);
      try (LocalRun run = new LocalRun(here, directory, ui, console)) {
        play(run, here, kafka.address());
      }
    }
  }

  private void play(LocalRun run, JobFile here, String servers) throws Exception {
    long begin = System.nanoTime();
    PrintStream records = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
    try (TopicPrinter predictions =
            TopicPrinter.fromBeginning(servers(servers), topic(Optional.of(here.sink())), records);
        TopicPrinter rejected =
            TopicPrinter.fromBeginning(
                servers(servers), topic(here.deadLetters()), console.err())) {
      Future<JobCounts> end = run.start();
      while (!end.isDone()) {
        predictions.print(WAIT);
      }
      JobCounts counts = end.get();
      predictions.printToEnd();
      rejected.printToEnd();
      run.sayDone(begin, counts);
    }
  }

  /** The job with the broker of this process for every topic, and a bounded source. */
  private JobFile at(String servers) {
    SourceSpec.Kafka source = (SourceSpec.Kafka) job.source();
    Map<String, String> properties = at(servers, source.properties());
    return job.between(
        source.bounded(sampleTopic(), properties),
        at(servers, job.sink()),
        job.deadLetters().map(sink -> at(servers, sink)),
        job.ends().map(sink -> at(servers, sink)));
  }

  /** A topic of no sink. No name can be derived from a regular expression. */
  private String sampleTopic() {
    String name = "sample";
    while (topics().contains(name)) {
      name += "-";
    }
    return name;
  }

  private Set<String> topics() {
    Set<String> topics = new LinkedHashSet<>();
    job.sinks().values().forEach(sink -> topic(Optional.of(sink)).ifPresent(topics::add));
    return topics;
  }

  private static SinkSpec at(String servers, SinkSpec sink) {
    return sink instanceof SinkSpec.Kafka kafka
        ? new SinkSpec.Kafka(
            kafka.topic(), kafka.delivery(), at(servers, kafka.properties()), kafka.byClock())
        : sink;
  }

  /** The properties without the security of the job's own brokers. */
  private static Map<String, String> at(String servers, Map<String, String> properties) {
    Map<String, String> here = new HashMap<>(properties);
    here.keySet().removeIf(name -> name.matches("(security|ssl|sasl)\\..*"));
    here.put("bootstrap.servers", servers);
    return here;
  }

  private static Map<String, String> servers(String servers) {
    return Map.of("bootstrap.servers", servers);
  }

  private static Optional<String> topic(Optional<SinkSpec> sink) {
    return sink.filter(SinkSpec.Kafka.class::isInstance).map(s -> ((SinkSpec.Kafka) s).topic());
  }
}
