package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kafka.TransactionWatch;
import io.github.flinkrnn.kafka.TransactionWatch.NotAnsweredException;
import io.github.flinkrnn.kafka.TransactionWatch.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Looks for a running job with the name of a new one, by its transactions on the job's brokers.
 * With the same transactional ids, each would abort the transactions of the other, and predictions
 * would be lost; with others, each would write all predictions. At each checkpoint, a sink begins a
 * transaction, and the broker knows it even if nothing is written. Not found is a job that
 * completes no checkpoint while it is watched: its transactions look like those of a job that
 * crashed.
 */
@Internal
public final class SameNameCheck implements AutoCloseable {
  private static final Duration MOST = Duration.ofSeconds(10);
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final int LOOKS = 5;
  private static final int MOST_SHOWN = 3;

  private final JobFile job;
  private final boolean takesOver;
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, TransactionWatch> watches = new LinkedHashMap<>();

  /**
   * Looks at the transactions for the first time. Needs {@link #expectNone}.
   *
   * @param takesOver whether the new job has the same transactional ids
   */
  public SameNameCheck(JobFile job, boolean takesOver) throws InterruptedException {
    this.job = job;
    this.takesOver = takesOver;
    List<String> prefix = List.of(SinkTransactions.of(job).start());
    for (Map.Entry<String, Map<String, String>> brokers : brokers().entrySet()) {
      try {
        TransactionWatch watch = new TransactionWatch(prefix, brokers.getValue());
        if (watch.isEmpty()) {
          watch.close();
        } else {
          watches.put(brokers.getKey(), watch);
        }
      } catch (NotAnsweredException e) {
        warn(brokers.getKey(), e);
      }
    }
  }

  /** The properties of a producer for each set of brokers with transactions of the job. */
  private Map<String, Map<String, String>> brokers() {
    Map<String, Map<String, String>> brokers = new LinkedHashMap<>();
    for (SinkSpec sink : job.sinks().values()) {
      if (sink instanceof SinkSpec.Kafka kafka
          && kafka.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
        brokers.putIfAbsent(kafka.properties().get("bootstrap.servers"), kafka.properties());
      }
    }
    return brokers;
  }

  private void warn(String brokers, NotAnsweredException problem) {
    warnings.add(
        "cannot find out whether a job '%s' is already running with the brokers %s: %s"
            .formatted(job.name(), brokers, problem.getMessage()));
  }

  /** Why some brokers could not be asked, if so. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * The time that {@link #expectNone} takes if there is no such job: two checkpoints, at most ten
   * seconds; none if nothing needs to be watched.
   */
  public Duration patience() {
    if (watches.isEmpty()) {
      return Duration.ZERO;
    }
    Duration two = RnnJob.checkpointInterval(job).multipliedBy(2);
    return two.compareTo(MOST) > 0 ? MOST : two.compareTo(LEAST) < 0 ? LEAST : two;
  }

  /**
   * Watches the transactions.
   *
   * @return a line about open transactions that did not change, if any
   * @throws InvalidFileException if a job of this name is running
   */
  public Optional<String> expectNone() throws InterruptedException {
    long nanos = patience().toNanos();
    long end = System.nanoTime() + nanos;
    while (!watches.isEmpty() && System.nanoTime() < end) {
      TimeUnit.NANOSECONDS.sleep(Math.min(nanos / LOOKS, Math.max(0, end - System.nanoTime())));
      for (String brokers : List.copyOf(watches.keySet())) {
        look(brokers);
      }
    }
    List<Transaction> open = watches.values().stream().flatMap(w -> w.open().stream()).toList();
    return open.isEmpty() ? Optional.empty() : Optional.of(takenOver(open));
  }

  private void look(String brokers) throws InterruptedException {
    Optional<Transaction> moved;
    try {
      moved = watches.get(brokers).moved();
    } catch (NotAnsweredException e) {
      warn(brokers, e);
      watches.remove(brokers).close();
      return;
    }
    if (moved.isPresent()) {
      throw new InvalidFileException(
          job.file(),
          "name",
          ("a job '%s' is already running, with the transaction %s (coordinator: broker %d); %s"
                  + " (--take-over skips this check)")
              .formatted(
                  job.name(),
                  moved.get().id(),
                  moved.get().coordinator(),
                  takesOver
                      ? "two jobs of one name on the same brokers lose predictions"
                      : "this run would write each prediction a second time"));
    }
  }

  private String takenOver(List<Transaction> open) {
    String ids =
        open.stream()
            .limit(MOST_SHOWN)
            .map(
                t ->
                    "%s (begun at %s, coordinator: broker %d)"
                        .formatted(t.id(), t.begun().orElseThrow(), t.coordinator()))
            .collect(Collectors.joining(", "));
    return ("open transactions of a job '%s' (%d) did not change within %.1f s, so it seems to have"
            + " ended; their records are aborted: lost if it is still running, otherwise --from"
            + " commits those of a checkpoint: %s%s")
        .formatted(
            job.name(),
            open.size(),
            patience().toMillis() / 1e3,
            ids,
            open.size() > MOST_SHOWN ? " and others" : "");
  }

  @Override
  public void close() {
    watches.values().forEach(TransactionWatch::close);
  }
}
