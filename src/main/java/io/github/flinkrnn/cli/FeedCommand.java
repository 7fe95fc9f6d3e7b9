package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.operator.JobCounts;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code JOB --feed}: sends the sample to the source topic of a job that runs elsewhere, on the
 * brokers of the job file, and prints the new records of its other topics. Ends with one record for
 * each line of the sample; for a job that does not answer each line, after a minute without
 * records. (Answers to other producers of the topic count too.)
 */
final class FeedCommand {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final JobFile job;
  private final Path sample;
  private final Duration patience;
  private final Console console;

  FeedCommand(JobFile job, Path sample, Console console) {
    this(job, sample, PATIENCE, console);
  }

  /**
   * @param patience the maximum time without an answer
   */
  FeedCommand(JobFile job, Path sample, Duration patience, Console console) {
    this.job = job;
    this.sample = sample;
    this.patience = patience;
    this.console = console;
  }

  /**
   * Sends the sample, and waits for the answers.
   *
   * @param records where predictions are printed; rejected records go to the console
   * @throws UsageException if there is no sample, or no topic for it
   * @throws FailedJobException if answers are missing
   */
  void run(PrintStream records) throws Exception {
    if (!(job.source() instanceof SourceSpec.Kafka source)) {
      throw new UsageException("--feed: expected a job with source.type: kafka");
    }
    if (!Files.isRegularFile(sample)) {
      throw new UsageException("--feed: expected the job's sample at " + sample);
    }
    JobValidator.validateTopics(job);
    try (TopicPrinter predictions = printer(Optional.of(job.sink()), source, records);
        TopicPrinter rejected = printer(job.deadLetters(), source, console.err())) {
      long begin = System.nanoTime();
      // To one topic only, because the order of a key's tokens is not kept between topics.
      String topic = JobValidator.topics(source).get(0);
      int sent = Sample.send(sample, topic, connection(source.properties()));
      String servers = source.properties().get("bootstrap.servers");
      console.say("fed", sent + " lines of " + sample + " to topic " + topic);
      console.say("broker", servers);
      if (!(job.sink() instanceof SinkSpec.Kafka)) {
        console.say("answers", "not shown, because the job's sink is not a topic");
        return;
      }
      await(sent, predictions, rejected, begin);
    }
  }

  private void await(int sent, TopicPrinter predictions, TopicPrinter rejected, long begin)
      throws FailedJobException {
    int answered = 0;
    int rejectedSoFar = 0;
    long last = System.nanoTime();
    boolean isOneEach = !job.fields().form().isArray(); // a line may hold many tokens
    while (!isOneEach || answered + rejectedSoFar < sent) {
      int more = predictions.print(POLL);
      int moreRejected = rejected.print(Duration.ofMillis(1));
      answered += more;
      rejectedSoFar += moreRejected;
      if (more + moreRejected > 0) {
        last = System.nanoTime();
      } else if (System.nanoTime() - last > patience.toNanos()) {
        if (!answersEachLine()) {
          break;
        }
        throw new FailedJobException(
            ("%d predictions and %d dead letters arrived for %d lines, and none for %d s:"
                    + " is the job running, with checkpoints?")
                .formatted(answered, rejectedSoFar, sent, patience.toSeconds()));
      }
    }
    console.sayDone(begin, new JobCounts(answered, rejectedSoFar, 0) + ", ");
  }

  /** Whether each line becomes one prediction or one dead letter. */
  private boolean answersEachLine() {
    return job.output().emit().equals(Emit.EACH)
        && job.sequence().order().equals(OrderOptions.ARRIVAL)
        && job.sequence().generation() == null
        && !job.fields().form().isArray();
  }

  private static TopicPrinter printer(
      Optional<SinkSpec> sink, SourceSpec.Kafka source, PrintStream out) {
    return sink.orElse(null) instanceof SinkSpec.Kafka kafka
        ? TopicPrinter.fromEnd(connection(kafka.properties()), Optional.of(kafka.topic()), out)
        : TopicPrinter.fromEnd(connection(source.properties()), Optional.empty(), out);
  }

  /** The properties that another client needs to reach the same brokers. */
  static Map<String, String> connection(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(entry -> entry.getKey().matches("bootstrap\\.servers|(security|ssl|sasl)\\..+"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
