package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.json.DeadLetter;
import io.github.flinkrnn.json.OneElement;
import io.github.flinkrnn.kafka.Redrive;
import io.github.flinkrnn.kafka.RedriveException;
import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicCheck;
import io.github.flinkrnn.kafka.TopicLimits;
import io.github.flinkrnn.sequence.Reason;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * {@code JOB --redrive}: sends the records of the job's dead letters to the topics from which they
 * came, each once, with their keys, headers and timestamps. Prints how many, by reason.
 */
final class RedriveCommand {
  private final JobFile job;
  private final SourceSpec.Kafka source;
  private final SinkSpec.Kafka deadLetters;
  private final Redrive.Filter filter;
  private final boolean sends;
  private final Console console;
  private final Map<String, TopicLimits> limits = new HashMap<>();

  /** Where the array of a record's tokens is, if a record has several. */
  private final Optional<String> each;

  /** The topics of the source that exist. A producer would wait for others. */
  private Set<String> topics = Set.of();

  private RedriveCommand(JobFile job, Redrive.Filter filter, boolean sends, Console console) {
    this.job = job;
    if (!(job.source() instanceof SourceSpec.Kafka kafka)) {
      throw new UsageException("--redrive: expected a job with source.type: kafka");
    }
    if (!(job.deadLetters().orElse(null) instanceof SinkSpec.Kafka letters)) {
      throw new UsageException("--redrive: expected a job with dead_letters of type: kafka");
    }
    this.source = kafka;
    this.deadLetters = letters;
    this.filter = filter;
    this.sends = sends;
    this.console = console;
    this.each = Optional.ofNullable(job.fields().form().each());
  }

  /**
   * The command with its options {@code --reason}, {@code --since} and {@code --dry-run}.
   *
   * @throws UsageException for an invalid option, or a job without topics
   */
  static RedriveCommand of(JobFile job, Arguments arguments, Console console) {
    Redrive.Filter filter =
        new Redrive.Filter(
            reasons(arguments.all("--reason")),
            arguments.one("--since").map(RedriveCommand::millis).orElse(Long.MIN_VALUE));
    return new RedriveCommand(job, filter, !arguments.has("--dry-run"), console);
  }

  private static Set<Reason> reasons(List<String> names) {
    Set<Reason> reasons =
        names.isEmpty() ? EnumSet.allOf(Reason.class) : EnumSet.noneOf(Reason.class);
    for (String name : names) {
      List<String> known = Stream.of(Reason.values()).map(Reason::text).toList();
      reasons.add(
          Reason.of(name)
              .orElseThrow(
                  () ->
                      new UsageException(
                          ("--reason " + name + ": unknown reason" + Nearest.hint(name, known))
                              + ("; expected " + String.join(", ", known)))));
    }
    return reasons;
  }

  private static long millis(String time) {
    try {
      return OffsetDateTime.parse(time).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new UsageException(
          "--since " + time + ": expected an ISO 8601 time, like 2026-11-26T20:00:00Z");
    }
  }

  /**
   * Sends the records, and waits until they are committed.
   *
   * @param out where the counts are printed
   * @throws InvalidFileException if brokers or topics are missing
   * @throws FailedJobException if a client fails later
   */
  void run(PrintStream out) throws FailedJobException {
    Map<String, String> reader = FeedCommand.connection(deadLetters.properties());
    Map<String, String> writer = FeedCommand.connection(source.properties());
    expect("dead_letters", SourceTopics.of(deadLetters.topic()), reader);
    expect("source", source.topics(), writer);
    if (!TopicCheck.isOneCluster(reader, writer)) {
      throw new InvalidFileException(
          job.file(),
          "dead_letters.properties.bootstrap.servers",
          "expected the brokers of source, because --redrive uses one transaction for both");
    }
    topics = topics();
    console.say("redrive", "the dead letters of topic " + deadLetters.topic());
    console.say("broker", reader.get("bootstrap.servers"));
    long begin = System.nanoTime();
    RedriveCounts counts = new RedriveCounts();
    try (Redrive redrive =
        new Redrive(job.name(), filter, reader, Optional.of(writer).filter(w -> sends))) {
      redrive.run(deadLetters.topic(), record -> choice(record, writer), counts::add);
    } catch (RedriveException e) {
      throw new FailedJobException(
          "--redrive: " + e.getMessage() + "; " + counts.sent() + " records were sent before");
    }
    counts.print(out, sends);
    console.sayDone(
        begin,
        (sends ? counts.sent() + " sent, " : counts.sent() + " to send, ")
            + (counts.notSent() + " not sent, "));
  }

  private Set<String> topics() throws FailedJobException {
    try {
      return Set.copyOf(JobValidator.topics(source));
    } catch (ExecutionException | TimeoutException e) {
      throw new FailedJobException(
          "--redrive: the brokers do not list their topics: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedJobException("--redrive: interrupted");
    }
  }

  private void expect(String field, SourceTopics topics, Map<String, String> connection) {
    TopicCheck.check(topics, connection)
        .ifPresent(
            problem -> {
              String place =
                  problem.property().isEmpty() ? field : field + "." + problem.property();
              throw new InvalidFileException(job.file(), place, problem.text());
            });
  }

  private Redrive.Choice choice(ConsumerRecord<byte[], byte[]> record, Map<String, String> writer) {
    Optional<DeadLetter> read = DeadLetter.read(record.value());
    if (read.isEmpty()) {
      return Redrive.Choice.never(Optional.empty(), "not dead letters");
    }
    DeadLetter letter = read.get();
    Optional<Reason> reason = Optional.of(letter.reason());
    String why = why(letter);
    if (why != null) {
      return Redrive.Choice.never(reason, why);
    }
    // Another job file or a larger limit can change what follows.
    if (!topics.contains(String.valueOf(letter.topic()))) {
      return Redrive.Choice.later(letter.reason(), "of another topic");
    }
    Optional<byte[]> value = value(letter);
    if (value.isEmpty() && letter.record() != null) {
      return Redrive.Choice.later(letter.reason(), "without their element");
    }
    TopicLimits topic =
        limits.computeIfAbsent(letter.topic(), name -> TopicLimits.ask(name, writer));
    byte[] bytes = value.orElse(null); // a tombstone
    if (bytes != null && !topic.takes(record, bytes)) {
      return Redrive.Choice.later(letter.reason(), "longer than the topic accepts");
    }
    // To the partition of the key: not every producer chooses it as Kafka's own does.
    Integer partition = letter.partition().orElse(null);
    Long time = topic.time(record.timestamp(), System.currentTimeMillis());
    return new Redrive.Choice(
        reason,
        Optional.of(
            new ProducerRecord<>(
                letter.topic(), partition, time, record.key(), bytes, record.headers())),
        RedriveCounts.SENT,
        false);
  }

  /** Why a dead letter can never be sent, or null. */
  private String why(DeadLetter letter) {
    if (letter.isOutput()) {
      return "outputs, whose step counts";
    }
    if (letter.isCut()) {
      return "cut";
    }
    if (letter.isKeyDropped()) {
      return "without their key";
    }
    if (letter.areHeadersDropped()) {
      return "without their headers";
    }
    return null;
  }

  private Optional<byte[]> value(DeadLetter letter) {
    if (letter.element().isEmpty() || letter.record() == null) {
      return Optional.ofNullable(letter.record());
    }
    return each.flatMap(array -> OneElement.of(letter.record(), array, letter.element().get()));
  }
}
