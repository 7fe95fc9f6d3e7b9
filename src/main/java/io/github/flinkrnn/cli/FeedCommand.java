package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.job.UsageException;
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
 * {@code JOB --feed}: for a job that runs elsewhere. Its sample goes into its topic, on the brokers
 * that its file names, and what comes to its other topics from then on is printed, until there is
 * one record for each line of the sample; for a job that does not answer each line, until it has
 * been silent for a minute. (Where others write to the topic meanwhile, their answers are among
 * these.)
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
   * @param patience how long no answer may come
   */
  FeedCommand(JobFile job, Path sample, Duration patience, Console console) {
    this.job = job;
    this.sample = sample;
    this.patience = patience;
    this.console = console;
  }

  /**
   * Feeds, and waits for the answers.
   *
   * @param records where predictions go; rejected records go to the console
   * @throws UsageException when there is no sample, or no topic for it
   * @throws FailedJobException when the answers do not come
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
      int sent = Sample.send(sample, source.topic(), connection(source.properties()));
      String servers = source.properties().get("bootstrap.servers");
      console.say("fed", sent + " lines of " + sample + " to topic " + source.topic());
      console.say("broker", servers);
      if (!(job.sink() instanceof SinkSpec.Kafka)) {
        console.say("answers", "where the job puts them: its sink is no topic");
        return;
      }
      await(sent, predictions, rejected, begin);
    }
  }

  private void await(int sent, TopicPrinter predictions, TopicPrinter rejected, long begin)
      throws FailedJobException {
    int answered = 0;
    int refused = 0;
    long last = System.nanoTime();
    while (answered + refused < sent) {
      int more = predictions.print(POLL);
      int moreRefused = rejected.print(Duration.ofMillis(1));
      answered += more;
      refused += moreRefused;
      if (more + moreRefused > 0) {
        last = System.nanoTime();
      } else if (System.nanoTime() - last > patience.toNanos()) {
        if (!answersEachLine()) {
          break;
        }
        throw new FailedJobException(
            ("%d predictions and %d dead letters came for %d lines, and none for %d s:"
                    + " does the job run, and take checkpoints?")
                .formatted(answered, refused, sent, patience.toSeconds()));
      }
    }
    console.sayDone(begin, answered + " predictions, " + refused + " rejected, ");
  }

  /** Whether a line becomes one prediction or one dead letter; else nobody knows how many come. */
  private boolean answersEachLine() {
    return job.output().emit().equals(Emit.EACH)
        && job.sequence().order().equals(OrderOptions.ARRIVAL)
        && job.sequence().generation() == null;
  }

  private static TopicPrinter printer(
      Optional<SinkSpec> sink, SourceSpec.Kafka source, PrintStream out) {
    return sink.orElse(null) instanceof SinkSpec.Kafka kafka
        ? TopicPrinter.fromEnd(connection(kafka.properties()), Optional.of(kafka.topic()), out)
        : TopicPrinter.fromEnd(connection(source.properties()), Optional.empty(), out);
  }

  /** Of a client's properties what another client needs to reach the same brokers. */
  static Map<String, String> connection(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(entry -> entry.getKey().matches("bootstrap\\.servers|(security|ssl|sasl)\\..+"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
